using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Aether.Persistence.Commits;

/// <summary>
/// A commit that waits for its durability; <see cref="Admission.CommitAsync"/> gives its task to the caller. The object
/// is reused after the caller has taken the result, so waiting produces no garbage. (The technique is that of
/// System.Threading.Channels and of Kestrel's sockets: S. Toub, "Understanding the Whys, Whats, and Whens of
/// ValueTask", 2018.)
/// </summary>
internal sealed class Acknowledgement : IValueTaskSource<CommitResult>
{
    private const int Pending = 0;
    private const int Completed = 1;
    private const int Cancelled = 2;
    private const int Taken = 3;

    private readonly Pool _pool;
    private ManualResetValueTaskSourceCore<CommitResult> _core;
    private CancellationTokenRegistration _cancellation;
    private bool _cancellable;
    private int _end;

    private Acknowledgement(Pool pool, bool inline)
    {
        _pool = pool;
        _core.RunContinuationsAsynchronously = !inline;
    }

    /// <summary>The result that the caller will get; must be set before any thread can complete this object.</summary>
    public CommitResult Result { get; set; }

    /// <summary>Span of the commit; default if tracing has no listener.</summary>
    public ActivityContext Span { get; set; }

    /// <summary>The task that the caller awaits, once.</summary>
    public ValueTask<CommitResult> Task => new(this, _core.Version);

    public void Complete()
    {
        if (Interlocked.CompareExchange(ref _end, Completed, Pending) == Pending)
            _core.SetResult(Result);
    }

    public void Fail(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _end, Completed, Pending) == Pending)
            _core.SetException(failure);
    }

    /// <summary>Lets <paramref name="cancellationToken"/> end the caller's wait.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        _cancellable = cancellationToken.CanBeCanceled;
        if (_cancellable)
            _cancellation = cancellationToken.UnsafeRegister(
                static (self, token) => ((Acknowledgement)self!).Cancel(token), this);
    }

    /// <summary>Returns the object to the pool after its commit was refused, so that no caller awaits it.</summary>
    public void Discard()
    {
        var recycle = Interlocked.CompareExchange(ref _end, Taken, Pending) == Pending
            && (!_cancellable || _cancellation.Unregister());
        _cancellation = default;
        if (recycle)
            _pool.Return(this);
    }

    CommitResult IValueTaskSource<CommitResult>.GetResult(short token)
    {
        // A caller that awaits twice or too early gets an exception here, so that it cannot take another caller's
        // answer.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
            throw new InvalidOperationException("The commit has not ended yet.");
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            // Do not reuse a cancelled acknowledgement: a block still lists it, and syncing that block would complete
            // another commit's await. Nor reuse one whose cancellation callback is running now: it would cancel that
            // other commit.
            var recycle = Interlocked.CompareExchange(ref _end, Taken, Completed) == Completed
                && (!_cancellable || _cancellation.Unregister());
            _cancellation = default;
            if (recycle)
                _pool.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<CommitResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<CommitResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _end, Cancelled, Pending) == Pending)
            _core.SetException(new OperationCanceledException(cancellationToken));
    }

    private void Begin(CommitResult result)
    {
        Result = result;
        _core.Reset();
        _end = Pending;
    }

    /// <summary>Acknowledgements that are not in use. Thread-safe.</summary>
    /// <param name="inline">Whether the continuation of an await runs on the thread that acknowledges.</param>
    /// <param name="memory">Allocates new acknowledgements.</param>
    internal sealed class Pool(bool inline, EngineMemory? memory = null)
    {
        private const int Kept = 4096;
        private readonly ConcurrentQueue<Acknowledgement> _free = [];

        public Acknowledgement Rent(CommitResult result)
        {
            if (!_free.TryDequeue(out var acknowledgement))
            {
                memory?.BeforeGrowth();
                acknowledgement = new Acknowledgement(this, inline);
            }

            acknowledgement.Begin(result);
            return acknowledgement;
        }

        public void Return(Acknowledgement acknowledgement)
        {
            using var survivable = SurvivableAllocations.Enter();
            try
            {
                if (_free.Count < Kept)
                    _free.Enqueue(acknowledgement);
            }
            catch (OutOfMemoryException)
            {
                // The caller already has its result. Running out of memory for the pool must not turn that into a
                // failure.
            }
        }
    }
}
