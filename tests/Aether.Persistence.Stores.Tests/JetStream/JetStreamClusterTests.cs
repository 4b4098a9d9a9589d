using System.Diagnostics;
using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Tests.Servers;
using Aether.Persistence.Wal;
using Aether.TestServers;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.JetStream;

/// <summary>Tests on a cluster of three servers, one of which dies under load.</summary>
[Trait("Field", "F16")]
public sealed class JetStreamClusterTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WorldNames _names = WorldNames.For("tests", "cluster");
    private readonly NatsCluster _cluster = new();
    private readonly InMemoryStores _lease = new(TimeProvider.System);
    private readonly List<NatsWorld> _worlds = [];
    private NatsConnection _admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _cluster.StartAsync(Cancellation);
        _admin = new NatsConnection(new NatsOpts
        {
            Url = _cluster.Url,
            ConnectTimeout = TestServer.ClientPatience,
            RequestTimeout = TimeSpan.FromSeconds(5),
            AuthOpts = new NatsAuthOpts { Username = _cluster.Username, Password = _cluster.Password },
        });
        await CreateAsync(new StreamConfig(_names.JournalStream, [$"{_names.SubjectPrefix}journal"])
        {
            Discard = StreamConfigDiscard.New,
            NumReplicas = 3,
            DuplicateWindow = TimeSpan.FromMinutes(2),
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var world in _worlds)
            await world.DisposeAsync();
        await _admin.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task No_acknowledged_block_is_lost_when_the_leader_of_a_replicated_journal_is_killed_under_load()
    {
        var journal = await OpenAsync(1);
        var acknowledged = 0UL;
        var longest = TimeSpan.Zero;
        var elected = Task.FromResult(TimeSpan.Zero);

        for (var sequence = 1UL; sequence <= 300; sequence++)
        {
            var started = Stopwatch.GetTimestamp();
            if (sequence == 100)
                elected = ElectionAsync(await KillLeaderAsync());
            await Outages.OutlastAsync(
                cancellation => journal.AppendAsync(new Epoch(1), [Block(sequence, sequence)], cancellation),
                Cancellation);
            acknowledged = sequence;
            longest = Stopwatch.GetElapsedTime(started) > longest ? Stopwatch.GetElapsedTime(started) : longest;
        }

        output.WriteLine(
            $"next acknowledgement after {longest.TotalSeconds:F1} s, "
            + $"leader after {(await elected).TotalSeconds:F1} s");
        var successor = await OpenAsync(2);
        List<LogBlock> blocks = [];
        await Outages.OutlastAsync(
            async cancellation => blocks = await CollectAsync(successor.ReadAfterAsync(Sequence.None, cancellation)),
            Cancellation);
        Assert.Equal(acknowledged, (ulong)blocks.Count);
        AssertSame([.. Enumerable.Range(1, blocks.Count).Select(n => Block((ulong)n, (ulong)n))], blocks);
        Assert.InRange(longest, TimeSpan.Zero, Patience);
    }

    private async Task<string> KillLeaderAsync()
    {
        var stream = await new NatsJSContext(_admin).GetStreamAsync(
            _names.JournalStream, cancellationToken: Cancellation);
        var leader = stream.Info.Cluster!.Leader!;
        await _cluster.Find(leader).KillAsync();
        return leader;
    }

    // The servers' own time to elect a new leader of the stream.
    private async Task<TimeSpan> ElectionAsync(string former)
    {
        var started = Stopwatch.GetTimestamp();
        var context = new NatsJSContext(_admin);
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            attempt.CancelAfter(TimeSpan.FromMilliseconds(300));
            try
            {
                var stream = await context.GetStreamAsync(_names.JournalStream, cancellationToken: attempt.Token);
                if (stream.Info.Cluster?.Leader is { Length: > 0 } leader && leader != former)
                    return Stopwatch.GetElapsedTime(started);
            }
            catch (Exception e) when (
                e is NatsException or OperationCanceledException && !Cancellation.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
            }
        }
    }

    // The servers must first elect JetStream's leader.
    private async Task CreateAsync(StreamConfig config)
    {
        var context = new NatsJSContext(_admin);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await context.CreateStreamAsync(config, Cancellation);
                return;
            }
            catch (Exception e) when (
                e is NatsException or TimeoutException && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            }
        }
    }

    private async Task<JetStreamJournal> OpenAsync(ulong epoch)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.Zero) { Above = new Epoch(epoch - 1) };
        Assert.Equal(new Epoch(epoch), (await _lease.TryAcquireAsync(request, Cancellation)).Epoch);
        var world = new NatsWorld(
            new NatsConnectionOptions
            {
                Url = _cluster.Url,
                EventStream = _names.EventStream,
                JournalStream = _names.JournalStream,
                SubjectPrefix = _names.SubjectPrefix,
                Username = _cluster.Username,
                Password = _cluster.Password,
            },
            TimeProvider.System);
        _worlds.Add(world);
        var journal = new JetStreamJournal(world, _lease, NullLogger<JetStreamJournal>.Instance);
        await Outages.OutlastAsync(cancellation => journal.OpenAsync(new Epoch(epoch), cancellation), Cancellation);
        return journal;
    }
}
