using System.Runtime.ExceptionServices;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;

namespace Aether.Persistence.Commits;

/// <summary>
/// The last step of a commit: completes the task that the caller awaits, once the commit has the requested durability
/// and this writer may acknowledge. Keeps the queue of commits that wait for the journal, the watermarks of the world,
/// and the writer's failure. Thread-safe.
/// </summary>
/// <remarks>
/// With <see cref="PersistenceOptions.AcknowledgeInline"/> the callers' continuations run on the thread that calls
/// <see cref="Acknowledge(List{Acknowledgement})"/>, and may commit again. Such commits are not flushed one by one (see
/// <see cref="IsAcknowledgingHere"/>): the thread that called the method flushes them together afterwards.
/// </remarks>
/// <param name="lease">Tells whether this writer may acknowledge.</param>
/// <param name="lag">Tells whether the journal is too far behind to acknowledge.</param>
/// <param name="durable">The last commit that recovery found.</param>
/// <param name="replicated">The last commit that recovery found in the journal.</param>
/// <param name="memory">Allocates the queue.</param>
/// <param name="metrics">Counts the acknowledged commits.</param>
/// <param name="wakeFlusher">
/// Called after acknowledging callers that had to wait for the lease or for the journal to catch up.
/// </param>
/// <param name="endWriter">Ends the writer after a failure that no caller would see.</param>
internal sealed class Acknowledger(
    LeaseKeeper lease,
    JournalLag lag,
    Sequence durable,
    Sequence replicated,
    EngineMemory memory,
    EngineMetrics metrics,
    Action wakeFlusher,
    Action<Exception> endWriter)
{
    // Acknowledge at most 256 at a time, so that follow-up commits of the first callers ship while the rest are still
    // being acknowledged.
    private const int AcknowledgedAtOnce = 256;

    // The acknowledger whose callers' continuations are running on this thread. A flag would not do: a continuation may
    // commit to another world, and this thread does not flush that world's commits.
    [ThreadStatic]
    private static Acknowledger? _here;

    private readonly Lock _gate = new();
    private readonly Queue<Acknowledgement> _unreplicated = [];  // _gate: synced, in the order of their sequences
    private int _awaitReplicated;  // _gate: acknowledgements that are in _unreplicated or will be
    private volatile RuntimeUnavailableException? _failure;
    private volatile bool _ended;  // set before _failure, because setting that one allocates

    /// <summary>The last synced commit.</summary>
    public Watermark Durable { get; } = new(durable);

    /// <summary>The last commit in the journal.</summary>
    public Watermark Replicated { get; } = new(replicated);

    /// <summary>
    /// Whether the calling thread is running continuations of this world's callers. It flushes the commits that they
    /// make together, after the last continuation.
    /// </summary>
    public bool IsAcknowledgingHere => _here == this;

    /// <summary>Whether a commit below <see cref="Durability.Replicated"/> may be acknowledged now.</summary>
    public bool MayAcknowledge => lease.MayAcknowledge && !lag.IsBeyond;

    /// <summary>
    /// Allocates everything that one more commit at <see cref="Durability.Replicated"/> needs. Between this call and
    /// the commit's place in a block nothing may fail.
    /// </summary>
    public void ReserveReplicated()
    {
        lock (_gate)
        {
            memory.EnsureCapacity(_unreplicated, _awaitReplicated + 1);
            _awaitReplicated++;
        }
    }

    /// <summary>
    /// Records that a block is synced. The acknowledgements that remain in its list may be completed.
    /// </summary>
    public void Synced(PendingBlock block)
    {
        lock (_gate)
        {
            // After a failure every acknowledgement stays in the block's list and fails with the block.
            if (!_ended)
            {
                foreach (var waiting in block.Waiting)
                {
                    if (IsReplicated(waiting))
                        _unreplicated.Enqueue(waiting);
                }

                block.Waiting.RemoveAll(IsReplicated);
            }
        }

        Durable.Advance(block.Last);
    }

    /// <summary>Acknowledges up to 256 of the commits that have reached the journal.</summary>
    /// <returns>Whether there may be more such commits.</returns>
    public bool AcknowledgeReplicated()
    {
        var shipped = Replicated.Value;
        List<Acknowledgement> waiting;
        lock (_gate)
        {
            // Under _gate, allocate the list at full size first: if an allocation failed after an acknowledgement had
            // left the queue, its caller would wait for ever.
            waiting = new List<Acknowledgement>(Math.Min(AcknowledgedAtOnce, _unreplicated.Count));
            while (waiting.Count < AcknowledgedAtOnce
                && _unreplicated.TryPeek(out var oldest) && oldest.Result.Sequence <= shipped)
                waiting.Add(_unreplicated.Dequeue());
            _awaitReplicated -= waiting.Count;
        }

        Acknowledge(waiting);
        return waiting.Count == AcknowledgedAtOnce;
    }

    /// <summary>
    /// Acknowledges commits that have their durability: at once, or, if the lease must be renewed or the journal must
    /// catch up first, later. Either all of them are at <see cref="Durability.Replicated"/> or none is.
    /// </summary>
    public void Acknowledge(List<Acknowledgement> waiting)
    {
        if (waiting.Count == 0)
            return;
        if (IsReplicated(waiting[0]) ? lease.MayAcknowledge : MayAcknowledge)
            Complete(waiting);
        else
            _ = AcknowledgeLaterAsync([.. waiting]);
    }

    /// <summary>Acknowledges one commit, on its caller's own thread.</summary>
    public void Acknowledge(Acknowledgement own)
    {
        if (_ended || !MayAcknowledge)
        {
            Acknowledge([own]);
            return;
        }

        metrics.CountCommit(own.Result.Durability);
        own.Complete();
    }

    /// <summary>
    /// Acknowledges a commit that does not wait for a block of its own: a commit at <see cref="Durability.Batched"/> or
    /// below, or a repeated commit whose first attempt is in the log already.
    /// </summary>
    public ValueTask<CommitResult> AcknowledgeAsync(CommitResult result, CancellationToken cancellationToken)
    {
        if (result.Durability > Durability.Batched || !MayAcknowledge)
            return AcknowledgeLaterAsync(result, cancellationToken);
        metrics.CountCommit(result.Durability);
        return ValueTask.FromResult(result);
    }

    /// <summary>Waits until the commit has the durability and this writer may acknowledge it.</summary>
    /// <exception cref="RuntimeUnavailableException">The writer has failed.</exception>
    public async Task WaitUntilAsync(Sequence sequence, Durability durability, CancellationToken cancellationToken)
    {
        if (durability >= Durability.Fsync)
            await Durable.WaitForAsync(sequence, cancellationToken);
        if (durability >= Durability.Replicated)
            await Replicated.WaitForAsync(sequence, cancellationToken);
        await WaitUntilMayAcknowledgeAsync(durability, cancellationToken);
        ThrowIfFailed();
    }

    /// <exception cref="RuntimeUnavailableException">The writer has failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
            throw failure.Again();
    }

    /// <summary>Stops every acknowledgement from this moment on. Allocates nothing.</summary>
    public void End() => _ended = true;

    /// <summary>
    /// Ends every wait, those in <paramref name="waiting"/> included, with <paramref name="failure"/>, or with the
    /// first failure if there was one before. Call <see cref="End"/> first.
    /// </summary>
    public void Fail(RuntimeUnavailableException failure, List<Acknowledgement> waiting)
    {
        lock (_gate)
        {
            failure = _failure ??= failure;
            waiting.AddRange(_unreplicated);
            _unreplicated.Clear();
        }

        // Complete the callers on another thread: this one may hold a lock that their continuations need.
        _ = Task.Run(() => FailAll(waiting, failure));
        Durable.Fail(failure);
        Replicated.Fail(failure);
        lease.Fail(failure);
        lag.Fail(failure);
    }

    private static bool IsReplicated(Acknowledgement waiting) => waiting.Result.Durability >= Durability.Replicated;

    private static void FailAll(List<Acknowledgement> waiting, RuntimeUnavailableException failure)
    {
        foreach (var acknowledgement in waiting)
            acknowledgement.Fail(failure.Again());
    }

    private void Complete(List<Acknowledgement> waiting)
    {
        if (_ended)
        {
            FailAll(waiting, _failure ?? new RuntimeUnavailableException(RuntimePhase.Failed));
            return;
        }

        var replicated = 0;
        foreach (var acknowledgement in waiting)
            replicated += IsReplicated(acknowledgement) ? 1 : 0;
        metrics.CountCommits(fsync: waiting.Count - replicated, replicated);
        var outer = _here;
        _here = this;
        try
        {
            CompleteAll(waiting);
        }
        finally
        {
            _here = outer;
        }
    }

    // If the continuation of one caller throws, the other callers must not wait for ever: complete all of them before
    // the exception ends the writer.
    private static void CompleteAll(List<Acknowledgement> waiting)
    {
        Exception? failure = null;
        foreach (var acknowledgement in waiting)
        {
            try
            {
                acknowledgement.Complete();
            }
            catch (Exception exception)
            {
                failure ??= exception;
            }
        }

        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    private async ValueTask<CommitResult> AcknowledgeLaterAsync(
        CommitResult result, CancellationToken cancellationToken)
    {
        await WaitUntilAsync(result.Sequence, result.Durability, cancellationToken);
        metrics.CountCommit(result.Durability);
        return result;
    }

    private async Task AcknowledgeLaterAsync(List<Acknowledgement> waiting)
    {
        try
        {
            await WaitUntilMayAcknowledgeAsync(waiting[0].Result.Durability, CancellationToken.None);
            Acknowledge(waiting);
            wakeFlusher();
        }
        catch (RuntimeUnavailableException failure)
        {
            FailAll(waiting, failure);
        }
        catch (Exception exception)
        {
            // Nothing awaits this task, so end the writer here: otherwise the exception would go unnoticed.
            endWriter(exception);
            FailAll(waiting, new RuntimeUnavailableException(RuntimePhase.Failed, exception));
        }
    }

    private async Task WaitUntilMayAcknowledgeAsync(Durability durability, CancellationToken cancellationToken)
    {
        await lease.WaitUntilMayAcknowledgeAsync(cancellationToken);
        if (durability < Durability.Replicated)
            await lag.WaitAsync(cancellationToken);
    }
}
