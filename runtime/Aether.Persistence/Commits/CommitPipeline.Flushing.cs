namespace Aether.Persistence.Commits;

/// <content>The way from the open block to the log and the journal, and back to those who wait.</content>
internal sealed partial class CommitPipeline
{
    /// <summary>For the flusher: the next block, if one is to be flushed now.</summary>
    public PendingBlock? TakeBlock()
    {
        lock (_gate)
        {
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
    /// <param name="flushHere">See <see cref="Wal.LogFlusher.Acknowledge"/>.</param>
    public bool TellReplicated(bool flushHere)
    {
        var replicated = Replicated.Value;
        List<Acknowledgement> waiting = [];
        lock (_gate)
        {
            while (waiting.Count < ToldAtOnce
                && _unreplicated.TryPeek(out var oldest) && oldest.Result.Sequence <= replicated)
                waiting.Add(_unreplicated.Dequeue());
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
        if (!_lease.MayAcknowledge)
        {
            _ = AcknowledgeUnderLeaseAsync([.. waiting]);
            return;
        }

        if (_failure is { } failure)
        {
            waiting.ForEach(acknowledgement => acknowledgement.Fail(Again(failure)));
            return;
        }

        _metrics.CountCommits(waiting);
        foreach (var acknowledgement in waiting)
            acknowledgement.Complete();
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

    private bool HasEnded => _failure is not null || (_closed is not null && _open is null && _sealed.Count == 0);

    private void Append(CommitDraft draft, DateTimeOffset committedAt, Acknowledgement? waiting)
    {
        if (_open is null)
        {
            _open = _free.TryPop(out var used) ? used : new PendingBlock();
            _open.Begin(_world.Sequence);
        }

        _open.Add(draft.Encoded, _world.Sequence, committedAt);
        if (waiting is not null)
        {
            _open.Waiting.Add(waiting);
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
        ThrowIfFailed();
    }

    private async Task AcknowledgeUnderLeaseAsync(List<Acknowledgement> waiting)
    {
        try
        {
            await _lease.WaitUntilMayAcknowledgeAsync(CancellationToken.None);
            Flusher!.Acknowledge(waiting, flushHere: false);
        }
        catch (RuntimeUnavailableException failure)
        {
            waiting.ForEach(acknowledgement => acknowledgement.Fail(Again(failure)));
        }
    }
}
