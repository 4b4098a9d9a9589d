using System.Runtime.ExceptionServices;
using Aether.Persistence.Contracts;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;

namespace Aether.Persistence.Commits;

/// <summary>
/// The last step of a commit: completes what its caller awaits, once the commit has the durability asked for and this
/// writer may say so. Knows who waits for the journal, how far the world is durable, and whether the writer has failed.
/// Thread-safe.
/// </summary>
/// <remarks>
/// With <see cref="PersistenceOptions.AcknowledgeInline"/> the callers' continuations run on the thread that calls
/// <see cref="Acknowledge(List{Acknowledgement})"/>, and may commit again. Those commits are not flushed one by one
/// (see <see cref="IsAcknowledgingHere"/>): the caller of that method has them flushed together afterwards.
/// </remarks>
/// <param name="lease">Whether this writer may acknowledge.</param>
/// <param name="lag">Whether the journal is too far behind for that.</param>
/// <param name="durable">The last commit that recovery found.</param>
/// <param name="replicated">The last commit that recovery found in the journal.</param>
/// <param name="memory">Where the queue gets its memory.</param>
/// <param name="metrics">Counts what is acknowledged.</param>
/// <param name="wakeFlusher">
/// Called after callers were acknowledged that had to wait for the lease or for the journal to catch up.
/// </param>
/// <param name="endWriter">Ends the writer for a failure that nobody else sees.</param>
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
    // Follow-up commits of the first callers are shipped while the others are still being acknowledged.
    private const int AcknowledgedAtOnce = 256;

    // The acknowledger whose callers' continuations run on this thread now. A flag is not enough: a continuation may
    // commit to another world, whose commits this thread does not flush.
    [ThreadStatic]
    private static Acknowledger? _here;

    private readonly Lock _gate = new();
    private readonly Queue<Acknowledgement> _unreplicated = [];  // _gate: synced, in the order of their sequences
    private int _awaitReplicated;  // _gate: acknowledgements that are or will be in _unreplicated
    private volatile RuntimeUnavailableException? _failure;
    private volatile bool _ended;  // set before _failure, which has to be allocated

    /// <summary>The last commit synced.</summary>
    public Watermark Durable { get; } = new(durable);

    /// <summary>The last commit in the journal.</summary>
    public Watermark Replicated { get; } = new(replicated);

    /// <summary>
    /// Whether the calling thread is running continuations of this world's callers: what they commit is flushed
    /// together, after the last of them.
    /// </summary>
    public bool IsAcknowledgingHere => _here == this;

    /// <summary>Whether a commit below <see cref="Durability.Replicated"/> may be acknowledged now.</summary>
    public bool MayAcknowledge => lease.MayAcknowledge && !lag.IsBeyond;

    /// <summary>
    /// Allocates what one more commit at <see cref="Durability.Replicated"/> needs. Nothing may fail between this and
    /// the commit's place in a block.
    /// </summary>
    public void ReserveReplicated()
    {
        lock (_gate)
        {
            memory.EnsureCapacity(_unreplicated, _awaitReplicated + 1);
            _awaitReplicated++;
        }
    }

    /// <summary>Notes that a block is synced; what stays in its list may be acknowledged.</summary>
    public void Synced(PendingBlock block)
    {
        lock (_gate)
        {
            // After a failure every acknowledgement stays in the block's list, and fails with the block.
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

    /// <summary>Acknowledges a part of the commits that are in the journal by now.</summary>
    /// <returns>Whether there may be more of them.</returns>
    public bool AcknowledgeReplicated()
    {
        var shipped = Replicated.Value;
        List<Acknowledgement> waiting;
        lock (_gate)
        {
            // Allocate the list at full size first: a failing allocation between the queue and the list would lose an
            // acknowledgement.
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
    /// Acknowledges commits that have their durability: now, or, where the lease has to be renewed or the journal has
    /// to catch up first, later. All of them are at <see cref="Durability.Replicated"/>, or none is.
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

    /// <summary>Acknowledges one commit, whose caller's thread this is.</summary>
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
    /// Acknowledges a commit that waits for no block of its own: one at <see cref="Durability.Batched"/> or below, or
    /// one whose first copy is somewhere in the log.
    /// </summary>
    public ValueTask<CommitResult> AcknowledgeAsync(CommitResult result, CancellationToken cancellationToken)
    {
        if (result.Durability > Durability.Batched || !MayAcknowledge)
            return AcknowledgeLaterAsync(result, cancellationToken);
        metrics.CountCommit(result.Durability);
        return ValueTask.FromResult(result);
    }

    /// <summary>Waits until a commit has a durability, and this writer may say so.</summary>
    /// <exception cref="RuntimeUnavailableException">The writer failed before.</exception>
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

    /// <summary>Acknowledges nothing from this moment on. Allocates nothing.</summary>
    public void End() => _ended = true;

    /// <summary>
    /// Ends every wait with <paramref name="failure"/>, or with the first failure if this is not the first; those of
    /// <paramref name="waiting"/>, too. Call <see cref="End"/> before.
    /// </summary>
    public void Fail(RuntimeUnavailableException failure, List<Acknowledgement> waiting)
    {
        lock (_gate)
        {
            failure = _failure ??= failure;
            waiting.AddRange(_unreplicated);
            _unreplicated.Clear();
        }

        // Never run callers' continuations on this thread, which may hold a lock.
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
    // ending the writer.
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
            // No one awaits this task, so its exception ends the writer here.
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
