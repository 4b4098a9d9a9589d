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
/// One world and its one writer. Thread-safe. When <see cref="Completion"/> faults, nothing was acknowledged since
/// and the process must exit non-zero: the next start decides what is true.
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

    /// <summary>A runtime that has not started yet.</summary>
    /// <exception cref="ArgumentException">
    /// A setting is out of its limits, or needs a port that is not there.
    /// </exception>
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
    /// <see cref="WalFailedException"/> or what else made going on impossible.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>What the runtime knows now.</summary>
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
    /// Completes when phase, epoch or newest snapshot become others than they are now. Whoever must miss nothing asks
    /// for it before <see cref="Status"/>.
    /// </summary>
    public Task NextChange => _changes.Next;

    /// <summary>
    /// Applies a commit and answers once it has the durability asked for. It has its place in the log before this
    /// method returns, so calls made one after the other apply in that order, awaited or not. Cancelling gives up the
    /// wait, not the commit.
    /// </summary>
    /// <exception cref="CommitRejectedException">It was refused; nothing of it was applied.</exception>
    /// <exception cref="RuntimeUnavailableException">
    /// The runtime takes no commits, or failed before this one was acknowledged: whether it is part of the world is
    /// then for the next recovery to say. Its inner exception is the reason.
    /// </exception>
    public ValueTask<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken) =>
        CommitAsync(commit, pipelined: false, cancellationToken);

    /// <summary>
    /// As the other overload; <paramref name="pipelined"/> says that the caller has more to commit before it awaits
    /// this one, so that its thread is not used for the sync.
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
    /// Reads one key; if <paramref name="confirmed"/>, answers once what it read is synced to the volume.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state has not come back yet, or the runtime has failed.
    /// </exception>
    /// <exception cref="DurabilityUnavailableException">
    /// A confirmed read was asked of a world without a log.
    /// </exception>
    public ValueTask<StateRead> GetAsync(StateKey key, bool confirmed, CancellationToken cancellationToken) =>
        Served.Path.Reader.GetAsync(key, confirmed, cancellationToken);

    /// <summary>
    /// Waits until commit <paramref name="sequence"/>, and with it every one before, has reached
    /// <paramref name="durability"/>: one wait for many commits that were acknowledged at a weaker level.
    /// </summary>
    /// <param name="sequence">A commit that was made.</param>
    /// <param name="epoch">The epoch that acknowledged it; <see cref="Epoch.None"/>: of any epoch.</param>
    /// <param name="durability">Fsync or Replicated.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="WriterChangedException">Another writer acknowledged it, and this one lacks it.</exception>
    /// <exception cref="CommitRejectedException">
    /// That cannot be waited for in this world, or no such commit was made yet.
    /// </exception>
    /// <exception cref="RuntimeUnavailableException">Nothing is served, or the runtime failed meanwhile.</exception>
    public Task WaitForAsync(
        Sequence sequence, Epoch epoch, Durability durability, CancellationToken cancellationToken)
    {
        var served = Served;
        return epoch == Epoch.None || served.Holds(sequence, epoch, _lease.Epoch)
            ? served.Path.Reader.WaitForAsync(sequence, durability, cancellationToken)
            : throw new WriterChangedException(sequence, epoch, _lease.Epoch);
    }

    /// <summary>
    /// How far the world is durable: at once, and again whenever that changed. A slow reader misses steps, never the
    /// last one.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">Nothing is served, or the runtime failed meanwhile.</exception>
    public IAsyncEnumerable<Watermarks> WatchAsync(CancellationToken cancellationToken) =>
        Served.Path.Reader.WatchAsync(cancellationToken);

    /// <summary>The whole state as of now.</summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state has not come back yet, or the runtime has failed.
    /// </exception>
    public StateView Capture() => Served.Path.Reader.Capture().View;

    /// <summary>
    /// Takes a snapshot now, also if nothing changed, and answers when it is stored: not before everything in it is
    /// in the journal.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state has not come back yet, or the runtime has failed.
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
            // The call may have dropped a part of the log, and it is unknown which.
            Fail(exception);
            throw;
        }
    }

    /// <summary>
    /// Ends the runtime as fenced, as it does itself when one of its stores refuses it: for whoever is refused by a
    /// store of the world that is none of its ports.
    /// </summary>
    public void Fence(FencedException refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        Fail(refusal);
    }

    /// <summary>
    /// Ends the runtime for a defect of its host, as for one of its own: nothing is acknowledged any more, and the next
    /// start decides what is true.
    /// </summary>
    public void Abort(Exception defect)
    {
        ArgumentNullException.ThrowIfNull(defect);
        Fail(defect);
    }

    /// <summary>
    /// Called with the cause as soon as the runtime has failed, before anything else is tried: a host that wants to be
    /// sure that its process ends arms a timer here. Must not allocate, nor throw.
    /// </summary>
    public Action<Exception> OnFailure { private get; set; } = _ => { };

    /// <summary>The answer to a call while the runtime does not serve or is ending: its phase, and why.</summary>
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
