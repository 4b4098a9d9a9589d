using System.Runtime.ExceptionServices;

namespace Aether.Persistence.Commits;

/// <content>The way from the open block to the log and the journal, and back to those who wait.</content>
internal sealed partial class CommitPipeline
{
    /// <summary>For the flusher: the next block, if one is to be flushed now.</summary>
    public PendingBlock? TakeBlock()
    {
        lock (_gate)
        {
            if (_ended)
                return null;
            if (IsBroken)
                throw new RuntimeUnavailableException(RuntimePhase.Failed);
            if (_sealed.Count == 0 && _due)
                Seal();
            return _sealed.TryDequeue(out _taken) ? _taken : null;
        }
    }

    /// <summary>For the flusher: whether there is a block to be flushed now, or never will be again.</summary>
    public bool NeedsFlusher
    {
        get
        {
            lock (_gate)
                return _sealed.Count > 0 || (_due && _open is not null) || HasEnded;
        }
    }

    /// <summary>For the flusher: whether there will be no block any more.</summary>
    public bool IsEnded
    {
        get
        {
            lock (_gate)
                return HasEnded;
        }
    }

    /// <summary>For the flusher: the block it took is synced, and those in its list may be told.</summary>
    public void Settle(PendingBlock block)
    {
        lock (_gate)
        {
            _taken = null;
            _queuedBytes -= block.Bytes;
            foreach (var waiting in block.Waiting)
            {
                if (waiting.Result.Durability >= Durability.Replicated)
                    _unreplicated.Enqueue(waiting);
            }
        }

        block.Waiting.RemoveAll(static waiting => waiting.Result.Durability >= Durability.Replicated);
        Durable.Advance(block.Last);
    }

    /// <summary>
    /// For the shipper: tells some of those who wait for what the journal holds by now. False if no more are left.
    /// </summary>
    /// <param name="flushHere">See <see cref="LogFlusher.Acknowledge"/>.</param>
    public bool TellReplicated(bool flushHere)
    {
        var replicated = Replicated.Value;
        List<Acknowledgement> waiting;
        lock (_gate)
        {
            // With room for all of them: one that was taken out of the queue must not get lost.
            waiting = new List<Acknowledgement>(Math.Min(ToldAtOnce, _unreplicated.Count));
            while (waiting.Count < ToldAtOnce
                && _unreplicated.TryPeek(out var oldest) && oldest.Result.Sequence <= replicated)
                waiting.Add(_unreplicated.Dequeue());
            _awaitReplicated -= waiting.Count;
        }

        Flusher!.Acknowledge(waiting, flushHere);
        if (waiting.Count == ToldAtOnce)
            return true;
        Told.Advance(replicated);
        return false;
    }

    /// <summary>
    /// For the flusher: tells those who wait that they wait no more, save that the lease may have to be renewed first.
    /// </summary>
    public void Acknowledge(List<Acknowledgement> waiting)
    {
        if (waiting.Count == 0)
            return;

        // The commits of one call are all Replicated, or none is. Those that are do not wait for later ones to be.
        if (!_lease.MayAcknowledge || (Lag.IsBeyond && waiting[0].Result.Durability < Durability.Replicated))
        {
            _ = AcknowledgeLaterAsync([.. waiting]);
            return;
        }

        if (_ended)
        {
            FailAll(waiting, _failure ?? new RuntimeUnavailableException(RuntimePhase.Failed));
            return;
        }

        _metrics.CountCommits(waiting);
        CompleteAll(waiting);
    }

    /// <summary>As the other overload, for one.</summary>
    public void Acknowledge(Acknowledgement waiting)
    {
        if (_ended || !_lease.MayAcknowledge || Lag.IsBeyond)
        {
            Acknowledge([waiting]);
            return;
        }

        _metrics.CountCommit(waiting.Result.Durability);
        waiting.Complete();
    }

    /// <summary>For the flusher: it needs the block no more.</summary>
    public void Recycle(PendingBlock block)
    {
        lock (_gate)
        {
            if (_free.Count < KeptBlocks && block.Capacity <= TargetBlockBytes * 2)
                _free.Push(block);
        }
    }

    private bool HasEnded => _ended || (_closed is not null && _open is null && _sealed.Count == 0);

    // Each has its answer, or the writer ends: the others must not wait for ever because one could not be woken.
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

    // Allocates all that a commit needs to get from its place into a block, and from there to its answer. If this
    // throws, nothing has changed.
    private void Reserve(CommitDraft draft, Durability level)
    {
        _world.Reserve(draft.Encoded, draft.Entry, draft.Changes);
        if (!_options.WalEnabled)
            return;
        if (_open is null && _next is null && !_free.TryPop(out _next))
            _next = new PendingBlock(_options.Memory);
        if (_open is null)
            _next!.Clear();
        (_open ?? _next!).Reserve(draft.Encoded.Length);
        _options.Memory.EnsureCapacity(_sealed, _sealed.Count + 1);
        if (level >= Durability.Replicated)
            _options.Memory.EnsureCapacity(_unreplicated, _awaitReplicated + 1);
    }

    private void Append(CommitDraft draft, DateTimeOffset committedAt, Acknowledgement? waiting)
    {
        if (_open is null)
        {
            (_open, _next) = (_next!, null);
            _open.Begin(_world.Sequence);
        }

        _open.Add(draft.Encoded, _world.Sequence, committedAt);
        if (waiting is not null)
        {
            _open.Waiting.Add(waiting);
            if (waiting.Result.Durability >= Durability.Replicated)
                _awaitReplicated++;
            _due = true;
        }
        else if (!_due && !_timed)
        {
            _timed = true;
            _flushTimer.Change(_options.FlushInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Seal()
    {
        _due = false;
        if (_open is null)
            return;
        _open.Seal(_world.Store.Digest);
        _queuedBytes += _open.Bytes;
        _sealed.Enqueue(_open);
        _open = null;
    }

    private ValueTask<CommitResult> Acknowledged(CommitResult result)
    {
        _metrics.CountCommit(result.Durability);
        return ValueTask.FromResult(result);
    }

    // For what is rare: a repeated commit, whose first one stands in some earlier block, and an expired lease.
    private async ValueTask<CommitResult> AcknowledgeAsync(CommitResult result, CancellationToken cancellationToken)
    {
        if (result.Durability >= Durability.Fsync)
            Flusher!.Flush(null);
        await WaitUntilAsync(result.Sequence, result.Durability, cancellationToken);
        _metrics.CountCommit(result.Durability);
        return result;
    }

    // Until a commit has a durability, and this writer may say so.
    private async Task WaitUntilAsync(Sequence sequence, Durability durability, CancellationToken cancellationToken)
    {
        if (durability >= Durability.Fsync)
            await Durable.WaitForAsync(sequence, cancellationToken);
        if (durability >= Durability.Replicated)
            await Replicated.WaitForAsync(sequence, cancellationToken);
        await _lease.WaitUntilMayAcknowledgeAsync(cancellationToken);
        if (durability < Durability.Replicated)
            await Lag.WaitAsync(cancellationToken);
        ThrowIfFailed();
    }

    private async Task AcknowledgeLaterAsync(List<Acknowledgement> waiting)
    {
        try
        {
            await _lease.WaitUntilMayAcknowledgeAsync(CancellationToken.None);
            if (waiting[0].Result.Durability < Durability.Replicated)
                await Lag.WaitAsync(CancellationToken.None);
            Flusher!.Acknowledge(waiting, flushHere: false);
        }
        catch (RuntimeUnavailableException failure)
        {
            FailAll(waiting, failure);
        }
        catch (Exception exception)
        {
            // Nobody awaits this.
            EndWriter(exception);
            FailAll(waiting, new RuntimeUnavailableException(RuntimePhase.Failed, exception));
        }
    }
}
