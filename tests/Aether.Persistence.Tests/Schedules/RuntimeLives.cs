using Aether.Persistence.Commits;
using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Runtime;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// A world whose whole runtime lives several times, on two volumes in turn and with one journal: each life with a fault
/// of its volume, outages of its stores, memory that runs out, and now and then another writer. Everything follows from
/// a seed, except for what runtimes do on their own threads within one step (docs/testing.md).
/// </summary>
internal sealed class RuntimeLives
{
    private const int Lives = 4;
    private const int Steps = 12;
    private const int LongestLife = 160;
    private const int MostGrowths = 120;
    private const int Never = int.MaxValue;

    // How many growths of buffers fail in succession.
    private static readonly int[] MemoryFailures = [1, 4, int.MaxValue];

    private static readonly EngineMetrics Metrics =
        new(Prometheus.Metrics.WithCustomRegistry(Prometheus.Metrics.NewCustomRegistry()));

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly WorldModel _model = new() { MayBeRefused = true };
    private readonly ScarceMemory _memory = new();
    private readonly HashSet<SimulatedFileSystem> _overtaken = [];
    private readonly List<Task<CommitResult>> _waiting = [];
    private readonly Random _random;
    private readonly InMemoryStores _stores;
    private readonly SimulatedFileSystem[] _volumes;
    private readonly PersistenceOptions _options;
    private SimulatedFileSystem? _last;

    public RuntimeLives(int seed)
    {
        _random = new Random(seed);
        _stores = new InMemoryStores(_clock);
        _volumes = [new SimulatedFileSystem(seed), new SimulatedFileSystem(seed + 1)];
        var window = _random.Next(3) == 0;
        _options = new PersistenceOptions
        {
            WorldId = "world-under-test",
            Holder = "test",
            SegmentBytes = _random.Next(3) == 0 ? 8192 : 4096,
            MaxSnapshots = window ? 3 : _random.Next(1, 4),
            RecoveryWindow = window ? TimeSpan.FromMinutes(2) : TimeSpan.Zero,
            SnapshotInterval = TimeSpan.FromDays(40),
            MaxIdempotencyKeys = 1000,
            AcknowledgeInline = _random.Next(2) == 0,
            Memory = _memory,
        };
    }

    /// <summary>Number of commits that were refused for lack of memory or of room on a full volume.</summary>
    public int Refused => _model.Refused;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var life = 1; life <= Lives; life++)
        {
            var volume = _volumes[_random.Next(4) == 0 ? 1 : 0];
            var fault = RandomFault();
            volume.Plan(life < Lives ? _random.Next(LongestLife) : Never, fault);
            await LiveAsync(volume, cancellationToken);
            volume.Restart(powerLoss: fault is Fault.PowerLoss or Fault.PowerLossAfter
                || (fault is Fault.Error or Fault.Full && _random.Next(2) == 0));
        }

        await CheckJournalAsync(cancellationToken);
    }

    private async Task LiveAsync(SimulatedFileSystem volume, CancellationToken cancellationToken)
    {
        await using var runtime = new PersistenceRuntime(
            _options,
            new PersistencePorts
            {
                Volume = volume,
                Lease = _stores,
                Journal = _stores,
                Snapshots = _stores,
                Divergences = _stores,
            },
            _clock,
            NullLoggerFactory.Instance,
            Metrics);
        var world = new RuntimeWorld(runtime, volume, _stores, _clock);
        try
        {
            await OpenAsync(runtime, world, volume, cancellationToken);
            if (_random.Next(2) == 0)
                _memory.Plan(_random.Next(MostGrowths), MemoryFailures[_random.Next(MemoryFailures.Length)]);
            for (var step = 0; step < Steps; step++)
            {
                await StepAsync(world, cancellationToken);
                await world.SettleAsync(cancellationToken);
            }

            if (_random.Next(3) == 0 && world.HasJournal)
                await runtime.StopAsync(cancellationToken);
        }
        catch (Exception exception) when (
            (volume.Faulted || world.IsOvertaken || _memory.Failed) && IsEnd(exception))
        {
            // The life ended with its fault, or was fenced: only its earlier acknowledgements count.
            Assert.True(
                volume.Faulted || _memory.Failed || runtime.Status.Phase == RuntimePhase.Fenced, exception.ToString());
        }
        finally
        {
            _memory.Relieve();
            await runtime.DisposeAsync();
            (_stores.DatabaseAnswers, _stores.SnapshotsAnswer) = (true, true);
            _stores.ExpireLease();
            await DrainWaitingAsync();
        }
    }

    private async Task OpenAsync(
        PersistenceRuntime runtime,
        RuntimeWorld world,
        SimulatedFileSystem volume,
        CancellationToken cancellationToken)
    {
        var openings = await CountOpeningsAsync(cancellationToken);
        try
        {
            await runtime.StartAsync(cancellationToken);
        }
        finally
        {
            if (await CountOpeningsAsync(cancellationToken) > openings)
                await OvertakeAsync(volume, cancellationToken);
        }

        // On another volume, or if another writer came between, only the journal counts; otherwise the world must not
        // hold less than the journal.
        var head = (int)(await _stores.ReadHeadAsync(cancellationToken)).Last.Value;
        _model.Require(head);
        _overtaken.Remove(volume);
        await _model.CheckAsync(world, cancellationToken);
        await world.SettleAsync(cancellationToken);
    }

    private async Task OvertakeAsync(SimulatedFileSystem volume, CancellationToken cancellationToken)
    {
        if ((_last is not null && volume != _last) || _overtaken.Contains(volume))
            _model.CutAfter((int)(await _stores.ReadHeadAsync(cancellationToken)).Last.Value);
        _overtaken.UnionWith(_volumes.Where(other => other != volume));
        _last = volume;
    }

    private async Task StepAsync(RuntimeWorld world, CancellationToken cancellationToken)
    {
        _model.Strongest = world.HasJournal && _random.Next(2) == 0 ? Durability.Replicated : Durability.Fsync;
        switch (_random.Next(40))
        {
            case < 3:
                _stores.DatabaseAnswers = !_stores.DatabaseAnswers;
                await world.SettleAsync(cancellationToken);
                if (world.HasJournal)
                    await CheckWaitingAsync(cancellationToken);
                break;
            case 3:
                _stores.SnapshotsAnswer = !_stores.SnapshotsAnswer;
                break;
            case < 8:
                _clock.Advance(TimeSpan.FromSeconds(_random.Next(60)));
                break;
            case < 11 when !_stores.DatabaseAnswers:
                if (_model.TryBegin(world, _random, cancellationToken) is { } begun)
                    _waiting.Add(begun);
                break;
            case 11 when world.HasJournal && _random.Next(3) == 0:
                await TakeOverAsync(world, cancellationToken);
                break;
            default:
                await _model.StepAsync(world, _random, cancellationToken);
                await CheckReplicatedAsync(cancellationToken);
                break;
        }
    }

    private async Task TakeOverAsync(RuntimeWorld world, CancellationToken cancellationToken)
    {
        // The runtime may renew the lease between the two calls.
        var intruder = new LeaseRequest("intruder", Guid.NewGuid(), TimeSpan.FromSeconds(10));
        do
            _stores.ExpireLease();
        while (!(await _stores.TryAcquireAsync(intruder, cancellationToken)).Acquired);
        world.IsOvertaken = true;
        _overtaken.UnionWith(_volumes);
    }

    // Every commit that was acknowledged as replicated is in the journal.
    private async Task CheckReplicatedAsync(CancellationToken cancellationToken)
    {
        if (!_stores.DatabaseAnswers)
            return;
        var head = await _stores.ReadHeadAsync(cancellationToken);
        Assert.True((int)head.Last.Value >= _model.Replicated, $"{_model.Replicated} is not in the journal: {head}.");
    }

    private async Task CheckWaitingAsync(CancellationToken cancellationToken)
    {
        foreach (var waiting in _waiting.ToList())
        {
            _waiting.Remove(waiting);
            _model.Record(await waiting);
        }

        await CheckReplicatedAsync(cancellationToken);
    }

    private async Task DrainWaitingAsync()
    {
        foreach (var waiting in _waiting)
        {
            try
            {
                _model.Record(await waiting);
            }
            catch (RuntimeUnavailableException)
            {
                continue;
            }
        }

        _waiting.Clear();
    }

    // Journal and snapshots alone, without any volume, lead to the world as far as it was shipped.
    private async Task CheckJournalAsync(CancellationToken cancellationToken)
    {
        var head = await _stores.ReadHeadAsync(cancellationToken);
        var point = await new PointInTimeRecovery(_options, _stores, _stores)
            .RecoverAsync(RecoveryTarget.Latest, cancellationToken);

        Assert.Equal((head.Last, head.Digest), (point.State.Sequence, point.State.Digest));
        _model.CheckDigest((int)head.Last.Value, head.Digest);
    }

    private async Task<int> CountOpeningsAsync(CancellationToken cancellationToken) =>
        (await _stores.ReadEpochsAfterAsync(Epoch.None, cancellationToken)).Count;

    // Torn sectors are left to the schedules of the log alone, which know when to expect a refusal.
    private Fault RandomFault()
    {
        while (true)
        {
            if ((Fault)_random.Next((int)Fault.Full + 1) is var fault and not Fault.TornSector)
                return fault;
        }
    }

    private static bool IsEnd(Exception exception) => exception
        is PowerLossException or IOException or WalFailedException or RuntimeUnavailableException
        or StoreUnavailableException or FencedException or OverloadedException;
}
