using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Agent.Tests.Servers;

/// <summary>Receives the reports that agents send through NATS, as the operator does.</summary>
internal sealed class ReportListener : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly NatsConnection _connection;
    private readonly INatsSub<ReadOnlyMemory<byte>> _heard;

    private ReportListener(NatsConnection connection, INatsSub<ReadOnlyMemory<byte>> heard) =>
        (_connection, _heard) = (connection, heard);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Listens from now on.</summary>
    public static async Task<ReportListener> StartAsync(NatsServer server)
    {
        var connection = new NatsConnection(new NatsOpts
        {
            Url = server.Url,
            AuthOpts = new NatsAuthOpts { Username = server.AdminUsername, Password = server.AdminPassword },
        });
        await connection.ConnectAsync();
        var heard = await connection.SubscribeCoreAsync(
            AetherNames.ReportSubjects,
            serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
            cancellationToken: Cancellation);
        await connection.PingAsync(Cancellation);
        return new ReportListener(connection, heard);
    }

    /// <summary>Creates the stream that keeps the last report of each agent.</summary>
    public async Task CreateStreamAsync() => await new NatsJSContext(_connection).CreateStreamAsync(
        new StreamConfig(AetherNames.ReportStream, [AetherNames.ReportSubjects]) { MaxMsgsPerSubject = 1 },
        Cancellation);

    /// <summary>The next report that <paramref name="isIt"/> accepts; earlier ones are skipped.</summary>
    public async Task<AgentReport> NextAsync(Func<AgentReport, bool> isIt)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, Cancellation);
        while (true)
        {
            var message = await _heard.Msgs.ReadAsync(either.Token);
            var report = AgentReport.TryRead(message.Data.Span);
            Assert.NotNull(report);
            if (isIt(report))
                return report;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _heard.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
