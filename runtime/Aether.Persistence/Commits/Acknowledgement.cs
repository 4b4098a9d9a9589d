using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Aether.Persistence.Commits;

/// <summary>
/// One commit that waits for its durability: what <see cref="Admission.CommitAsync"/> gives its caller to await.
/// Used again once its result was taken, so that waiting costs no garbage. (The technique is that of
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

    /// <summary>What the caller gets in the end; set before anybody can complete it.</summary>
    public CommitResult Result { get; set; }

    /// <summary>Span of the commit; none while nobody listens.</summary>
    public ActivityContext Span { get; set; }

    /// <summary>What the caller awaits, once.</summary>
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

    /// <summary>Lets the caller give up the wait.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        _cancellable = cancellationToken.CanBeCanceled;
        if (_cancellable)
            _cancellation = cancellationToken.UnsafeRegister(
                static (self, token) => ((Acknowledgement)self!).Cancel(token), this);
    }

    /// <summary>Takes it back from a commit that was refused: nobody awaits it.</summary>
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
        // A caller that awaits twice or too early gets an exception here, and no other caller loses its answer.
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

    /// <summary>Acknowledgements not in use. Thread-safe.</summary>
    /// <param name="inline">Whether continuations of an await run on the thread that acknowledges.</param>
    /// <param name="memory">Where new ones get their memory.</param>
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
                // The caller has its result already. It must not become a failure because the pool had no memory to
                // keep this object.
            }
        }
    }
}
