using System.Text;
using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>Reports on a separate server, with or without the one stream that all worlds share.</summary>
public sealed class JetStreamReportsTests : IAsyncLifetime
{
    private static readonly WorldNames Names = WorldNames.For("games", "economy");

    private readonly NatsServer _server = new();
    private NatsConnection _admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        _admin = NatsWorlds.Admin(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_last_report_of_each_pod_is_kept_and_no_other()
    {
        await CreateStreamAsync();
        await using var world = new NatsWorld(NatsWorlds.Options(_server, Names), TimeProvider.System);
        var first = new JetStreamReports(world, "economy-0.eu");
        var second = new JetStreamReports(world, "economy-1");

        for (var number = 1; number <= 3; number++)
            await first.SendAsync(Encoding.UTF8.GetBytes($"first {number}"), Cancellation);
        await second.SendAsync("second"u8.ToArray(), Cancellation);

        var stream = await new NatsJSContext(_admin).GetStreamAsync(
            AetherNames.ReportStream, cancellationToken: Cancellation);
        Assert.Equal(2, stream.Info.State.Messages);
        Assert.Equal("first 3", await LastAsync(stream, $"{Names.SubjectPrefix}report.economy-0_eu"));
        Assert.Equal("second", await LastAsync(stream, $"{Names.SubjectPrefix}report.economy-1"));
    }

    [Fact]
    public async Task Report_without_its_stream_fails_and_the_next_one_succeeds_once_the_stream_exists()
    {
        await using var world = new NatsWorld(NatsWorlds.Options(_server, Names), TimeProvider.System);
        var reports = new JetStreamReports(world, "economy-0");

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => reports.SendAsync("lost"u8.ToArray(), Cancellation));
        await CreateStreamAsync();
        await reports.SendAsync("kept"u8.ToArray(), Cancellation);

        Assert.Contains(AetherNames.ReportStream, refusal.Message);
        var stream = await new NatsJSContext(_admin).GetStreamAsync(
            AetherNames.ReportStream, cancellationToken: Cancellation);
        Assert.Equal("kept", await LastAsync(stream, $"{Names.SubjectPrefix}report.economy-0"));
    }

    [Fact]
    public async Task A_restarted_server_still_has_the_last_report()
    {
        await CreateStreamAsync();
        await using var world = new NatsWorld(NatsWorlds.Options(_server, Names), TimeProvider.System);
        var reports = new JetStreamReports(world, "economy-0");
        await reports.SendAsync("before"u8.ToArray(), Cancellation);

        await _server.StopAsync();
        await _server.StartAsync(Cancellation);

        await using var admin = NatsWorlds.Admin(_server);
        var stream = await new NatsJSContext(admin).GetStreamAsync(
            AetherNames.ReportStream, cancellationToken: Cancellation);
        Assert.Equal("before", await LastAsync(stream, $"{Names.SubjectPrefix}report.economy-0"));
    }

    private static async Task<string> LastAsync(INatsJSStream stream, string subject)
    {
        var answer = await stream.GetAsync(new StreamMsgGetRequest { LastBySubj = subject }, Cancellation);
        return Encoding.UTF8.GetString(answer.Message.Data.Span);
    }

    private async Task CreateStreamAsync() => await new NatsJSContext(_admin).CreateStreamAsync(
        new StreamConfig(AetherNames.ReportStream, [AetherNames.ReportSubjects]) { MaxMsgsPerSubject = 1 },
        Cancellation);
}
