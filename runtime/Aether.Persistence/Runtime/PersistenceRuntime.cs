using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Runtime;

/// <summary>
/// One world and its writer. Thread-safe. Once <see cref="Completion"/> has faulted, nothing more is acknowledged, and
/// the process must exit with a non-zero code: the next start decides which commits are part of the world.
/// </summary>
public sealed partial class PersistenceRuntime : IAsyncDisposable
{
    private readonly PersistenceOptions _options;
    private readonly PersistencePorts _ports;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly EngineMetrics _metrics;
    private readonly DurabilityPolicy _durability;
    private readonly LeaseKeeper _lease;
    private readonly BackendHealth _walHealth = new("wal");
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _loops = [];
    private readonly RecoveryProgress _progress = new();
    private readonly ChangeSignal _changes = new();

    private readonly Lock _gate = new();
    private RuntimePhase _phase = RuntimePhase.Starting;  // _gate
    private string _detail = "";  // _gate
    private Exception? _failure;  // _gate

    private volatile Volume? _volume;
    private StoredLog? _storedLog;
    private WriteAheadLog? _log;
    private volatile RunningWorld? _served;

    /// <summary>Creates a runtime that has not started yet.</summary>
    /// <exception cref="ArgumentException">A setting exceeds its limits, or needs a port that is missing.</exception>
    public PersistenceRuntime(
        PersistenceOptions options,
        PersistencePorts ports,
        TimeProvider clock,
        ILoggerFactory loggers,
        EngineMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ports);
        options.Check(hasVolume: ports.Volume is not null, hasJournal: ports.Journal is not null);
        _options = options;
        _ports = ports;
        _clock = clock;
        _loggers = loggers;
        _logger = loggers.CreateLogger<PersistenceRuntime>();
        _metrics = metrics;
        _durability = new DurabilityPolicy(options, ports.Journal is not null);
        _lease = new LeaseKeeper(ports.Lease, options, clock, loggers.CreateLogger<LeaseKeeper>());
    }

    /// <summary>
    /// Completes when the runtime has stopped cleanly; faults with <see cref="FencedException"/>,
    /// <see cref="WalFailedException"/> or any other exception that ended the runtime.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>The present status.</summary>
    public RuntimeStatus Status
    {
        get
        {
            var served = _served;
            lock (_gate)
                return RuntimeStatusBuilder.Build(
                    _options, _phase, _detail, _lease, _walHealth, _volume, _progress, served);
        }
    }

    /// <summary>
    /// Completes when phase, epoch or newest snapshot next change. To miss no change, read this before
    /// <see cref="Status"/>.
    /// </summary>
    public Task NextChange => _changes.Next;

    /// <summary>
    /// Applies a commit, and answers once it has the requested durability. The commit has its place in the log before
    /// this method returns, so successive calls apply in that order, awaited or not. Cancelling ends the wait, not the
    /// commit.
    /// </summary>
    /// <exception cref="CommitRejectedException">The commit was refused; nothing was applied.</exception>
    /// <exception cref="RuntimeUnavailableException">
    /// The runtime accepts no commits, or failed before it acknowledged this commit: the next recovery decides whether
    /// the commit is part of the world. The inner exception is the reason.
    /// </exception>
    public ValueTask<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken) =>
        CommitAsync(commit, pipelined: false, cancellationToken);

    /// <summary>
    /// As the other overload; <paramref name="pipelined"/> says that the caller will commit more before it awaits this
    /// commit, so its thread is not used for the sync.
    /// </summary>
    public ValueTask<CommitResult> CommitAsync(Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return EngineTracing.IsOn
            ? CommitTracedAsync(commit, pipelined, cancellationToken)
            : CommitUntracedAsync(commit, pipelined, cancellationToken);
    }

    private ValueTask<CommitResult> CommitUntracedAsync(
        Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        try
        {
            return Served.Path.Admission.CommitAsync(commit, pipelined, cancellationToken);
        }
        catch (CommitRejectedException rejection)
        {
            _metrics.CountRejection(rejection);
            return ValueTask.FromException<CommitResult>(rejection);
        }
        catch (RuntimeUnavailableException unavailable)
        {
            return ValueTask.FromException<CommitResult>(unavailable);
        }
    }

    /// <summary>
    /// Reads one key. If <paramref name="confirmed"/>, answers once the value is synced to the volume.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state is not recovered yet, or the runtime has failed.
    /// </exception>
    /// <exception cref="DurabilityUnavailableException">A world without a log has no confirmed reads.</exception>
    public ValueTask<StateRead> GetAsync(StateKey key, bool confirmed, CancellationToken cancellationToken) =>
        Served.Path.Reader.GetAsync(key, confirmed, cancellationToken);

    /// <summary>
    /// Waits until commit <paramref name="sequence"/>, and every commit before it, has reached
    /// <paramref name="durability"/>: one wait for many commits that were acknowledged at a weaker level.
    /// </summary>
    /// <param name="sequence">The commit.</param>
    /// <param name="epoch">The epoch under which it was acknowledged; <see cref="Epoch.None"/>: any.</param>
    /// <param name="durability">Fsync or Replicated.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WriterChangedException">
    /// Another writer acknowledged the commit, and this one lacks it.
    /// </exception>
    /// <exception cref="CommitRejectedException">
    /// This world does not reach that durability, or the commit does not exist yet.
    /// </exception>
    /// <exception cref="RuntimeUnavailableException">
    /// The world is not served, or the runtime failed meanwhile.
    /// </exception>
    public Task WaitForAsync(
        Sequence sequence, Epoch epoch, Durability durability, CancellationToken cancellationToken)
    {
        var served = Served;
        return epoch == Epoch.None || served.Holds(sequence, epoch, _lease.Epoch)
            ? served.Path.Reader.WaitForAsync(sequence, durability, cancellationToken)
            : throw new WriterChangedException(sequence, epoch, _lease.Epoch);
    }

    /// <summary>
    /// Yields the watermarks at once, and again whenever they change. A slow reader may miss values, but never the last
    /// one.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The world is not served, or the runtime failed meanwhile.
    /// </exception>
    public IAsyncEnumerable<Watermarks> WatchAsync(CancellationToken cancellationToken) =>
        Served.Path.Reader.WatchAsync(cancellationToken);

    /// <summary>The whole state as of now.</summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state is not recovered yet, or the runtime has failed.
    /// </exception>
    public StateView Capture() => Served.Path.Reader.Capture().View;

    /// <summary>
    /// Takes a snapshot now, even if nothing has changed. Completes when the snapshot is stored, which is not before
    /// every commit in it is in the journal.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state is not recovered yet, or the runtime has failed.
    /// </exception>
    public async Task<SnapshotManifest> SnapshotAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Served.Recorder.TakeAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not (
            StoreUnavailableException or RuntimeUnavailableException or OperationCanceledException))
        {
            // The call may have dropped a part of the log, and nobody knows which.
            Fail(exception);
            throw;
        }
    }

    /// <summary>
    /// Ends the runtime as fenced, as it does itself when one of its stores refuses it. For callers that use other
    /// stores of the world, which are not ports of the runtime.
    /// </summary>
    public void Fence(FencedException refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        Fail(refusal);
    }

    /// <summary>
    /// Ends the runtime because of a defect in its host, as for a defect of its own: nothing more is acknowledged, and
    /// the next start decides which commits are part of the world.
    /// </summary>
    public void Abort(Exception defect)
    {
        ArgumentNullException.ThrowIfNull(defect);
        Fail(defect);
    }

    /// <summary>
    /// Called with the cause as soon as the runtime has failed, before anything else. A host can arm a timer here that
    /// ends the process in any case. Must not allocate or throw.
    /// </summary>
    public Action<Exception> OnFailure { private get; set; } = _ => { };

    /// <summary>
    /// The exception for calls while the runtime does not serve or is ending: its phase, and the reason.
    /// </summary>
    public RuntimeUnavailableException NotServed()
    {
        lock (_gate)
            return new RuntimeUnavailableException(_phase, _failure);
    }

    private RunningWorld Served => _served ?? throw NotServed();

    private Exception? Failure
    {
        get
        {
            lock (_gate)
                return _failure;
        }
    }
}
