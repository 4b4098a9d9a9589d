using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// The engine of a local world, put together as <see cref="PersistenceRuntime"/> does it, but for the loops that run
/// beside it: what they do happens when a schedule says so. One call to the volume follows another, so that a
/// schedule means the same every time.
/// </summary>
internal sealed class ScheduledWorld : IScheduledWorld, IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly EngineMetrics Metrics =
        new(Prometheus.Metrics.WithCustomRegistry(Prometheus.Metrics.NewCustomRegistry()));

    private readonly PersistenceOptions _options;
    private readonly FakeTimeProvider _clock = new(Start);
    private readonly FileSnapshotStore _snapshots;
    private readonly WriteAheadLog _log;
    private readonly WritePath _path;
    private readonly SnapshotRecorder _recorder;

    private ScheduledWorld(
        PersistenceOptions options,
        PersistencePorts ports,
        WriteAheadLog log,
        LeaseKeeper lease,
        RecoveredWorld recovered)
    {
        _options = options;
        _snapshots = (FileSnapshotStore)ports.Snapshots;
        _log = log;
        _path = new WritePath(
            options, new DurabilityPolicy(options, hasJournal: false), recovered.World, lease, log, journal: null,
            recovered.Backlog, _clock, Metrics, NullLoggerFactory.Instance, Fail);
        _recorder = new SnapshotRecorder(
            options, ports.Snapshots, ports.Journal, _path.Reader, log, lease, recovered.Snapshot,
            recovered.DamagedSnapshots, _clock, Metrics, NullLogger<SnapshotRecorder>.Instance);
        _path.Start();
    }

    public Sequence Sequence => _path.Reader.Measure().Sequence;

    public StateDigest Digest => _path.Reader.Measure().Digest;

    /// <summary>Opens the volume and brings the world back, or throws what the agent would end with.</summary>
    public static async Task<ScheduledWorld> OpenAsync(
        IFileSystem volume, PersistenceOptions options, CancellationToken cancellationToken)
    {
        var clock = new FakeTimeProvider(Start);
        var ports = new PersistencePorts
        {
            Volume = volume,
            Lease = new FileLease(volume, clock),
            Journal = null,
            Snapshots = new FileSnapshotStore(volume),
        };
        var identity = Volume.Open(volume, options);
        var stored = LogOpening.Open(volume, options.WorldId, options.SegmentBytes);
        var lease = new LeaseKeeper(ports.Lease, options, clock, NullLogger<LeaseKeeper>.Instance);
        await lease.AcquireAsync(identity.Id, stored.End?.Epoch ?? Epoch.None, _ => { }, cancellationToken);
        var recovery = new WorldRecovery(
            options, ports.RecoverySources, stored, identity.Id, lease, clock,
            _ => throw new IOException("The volume does not answer."),
            new RecoveryProgress(), NullLogger<WorldRecovery>.Instance);
        var recovered = await recovery.RecoverAsync(cancellationToken);
        var log = stored.Start(lease.Epoch, recovered.End);
        return new ScheduledWorld(options, ports, log, lease, recovered);
    }

    public ValueTask<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken) =>
        _path.Admission.CommitAsync(commit, pipelined: false, cancellationToken);

    public async Task<StateValue?> ReadConfirmedAsync(StateKey key, CancellationToken cancellationToken) =>
        (await _path.Reader.GetAsync(key, confirmed: true, cancellationToken)).Value;

    /// <summary>All keys and their values.</summary>
    public Dictionary<StateKey, StateValue> Read() =>
        _path.Reader.Capture().View.Entries.ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>Makes the next segment ahead; it matters to nobody if that fails.</summary>
    public void PrepareSpare()
    {
        try
        {
            _log.PrepareSpare();
        }
        catch (IOException)
        {
            return;
        }
    }

    /// <summary>Takes a snapshot and drops what it makes dispensable; false if the volume did not let it.</summary>
    public async Task<bool> TrySnapshotAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _recorder.TakeAsync(cancellationToken);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    /// <summary>
    /// The state that the oldest snapshot and the log after it lead to: what recovery falls back to.
    /// </summary>
    public async Task<WorldState> ReplayFromOldestAsync(CancellationToken cancellationToken)
    {
        var state = new WorldState(_options);
        var snapshots = await _snapshots.ListAsync(cancellationToken);
        if (snapshots.Count >= Math.Min(2, _options.MaxSnapshots))
            state = await new SnapshotReader(snapshots[^1], _options).ReadAsync(_snapshots, cancellationToken);
        var replayer = new Replayer(state);
        foreach (var block in _log.ReadAfter(state.Sequence))
            replayer.Replay(block, "log");
        return state;
    }

    public async ValueTask DisposeAsync()
    {
        Fail(new OperationCanceledException("The schedule has ended."));
        await _path.Flushed;
        _path.Dispose();
        _recorder.Dispose();
        _log.Dispose();
    }

    private void Fail(Exception cause) => _path.Fail(RuntimePhase.Failed, cause);
}
