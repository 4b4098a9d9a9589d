using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.JetStream;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>A world whose nats-server is a leaf node, with its streams in the hub's domain.</summary>
[Trait("Field", "F25")]
public sealed class JetStreamLeafTests
{
    private readonly WorldNames _names = WorldNames.For("tests", "leaf");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Journal_and_reports_go_through_a_leaf_node_to_the_domain(bool leafHasJetStream)
    {
        await using var nats = new NatsLeaf(leafHasJetStream);
        await nats.StartAsync(Cancellation);
        await using var admin = new NatsConnection(new NatsOpts
        {
            Url = nats.Hub.Url,
            AuthOpts = new NatsAuthOpts { Username = nats.Username, Password = nats.Password },
        });
        var hub = new NatsJSContext(admin);
        await CreateAsync(hub, _names.JournalStream, $"{_names.SubjectPrefix}journal");
        await CreateAsync(hub, AetherNames.ReportStream, "aether.*.report.*");
        await using var world = new NatsWorld(Options(nats), TimeProvider.System);
        using var journal = await OpenAsync(world);

        for (var sequence = 1UL; sequence <= 10; sequence++)
            await journal.AppendAsync(new Epoch(1), [Block(sequence, sequence)], Cancellation);
        await new JetStreamReports(world, "pod-0").SendAsync(new byte[] { 1 }, Cancellation);

        var blocks = await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation));
        AssertSame([.. Enumerable.Range(1, 10).Select(n => Block((ulong)n, (ulong)n))], blocks);
        var reports = await hub.GetStreamAsync(AetherNames.ReportStream, cancellationToken: Cancellation);
        Assert.Equal(1, reports.Info.State.Messages);
    }

    private static async Task CreateAsync(NatsJSContext hub, string name, string subject) =>
        await hub.CreateStreamAsync(
            new StreamConfig(name, [subject]) { DuplicateWindow = TimeSpan.FromMinutes(2) }, Cancellation);

    private static async Task<JetStreamJournal> OpenAsync(NatsWorld world)
    {
        var lease = new InMemoryStores(TimeProvider.System);
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.Zero);
        Assert.Equal(new Epoch(1), (await lease.TryAcquireAsync(request, Cancellation)).Epoch);
        var journal = new JetStreamJournal(world, lease, NullLogger<JetStreamJournal>.Instance);
        await journal.OpenAsync(new Epoch(1), Cancellation);
        return journal;
    }

    private NatsConnectionOptions Options(NatsLeaf nats) => new()
    {
        Url = nats.Leaf.Url,
        Domain = NatsLeaf.Domain,
        EventStream = _names.EventStream,
        JournalStream = _names.JournalStream,
        SubjectPrefix = _names.SubjectPrefix,
        Username = nats.Username,
        Password = nats.Password,
    };
}
