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
/// The engine of a local world, assembled as in <see cref="PersistenceRuntime"/>, but without its background loops:
/// their work happens when a schedule says so. Calls to the volume never overlap, so a schedule always has the same
/// effect.
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

    /// <summary>
    /// Opens the volume and recovers the world, or throws the exception with which the agent would end.
    /// </summary>
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

    /// <summary>Creates the next segment ahead; a failure does not matter.</summary>
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

    /// <summary>
    /// Takes a snapshot and drops the data that it makes unnecessary; returns false if the volume failed.
    /// </summary>
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

    /// <summary>The state from the oldest snapshot and the log after it, on which recovery can fall back.</summary>
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
