using Aether.Persistence.Contracts;
using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <summary>
/// The commits that are in the state and not in the log yet: the open block, which takes more of them, and the sealed
/// blocks, which wait for the flusher. <see cref="Gate"/> guards these blocks and the state together, so that the order
/// of the log is the order of the state.
/// </summary>
internal sealed class BlockQueue(WorldState world, PersistenceOptions options)
{
    private const int TargetBlockBytes = 4 << 20;
    private const int KeptBlocks = 4;

    private readonly Queue<PendingBlock> _sealed = [];  // Gate
    private readonly Stack<PendingBlock> _free = new(KeptBlocks);  // Gate
    private PendingBlock? _open;  // Gate
    private PendingBlock? _next;  // Gate: reserved for the next open block
    private PendingBlock? _taken;  // Gate: the flusher has it
    private long _queuedBytes;  // Gate: of the sealed blocks and the taken one
    private bool _due;  // Gate: the open block is to be flushed now
    private bool _timed;  // Gate: a timer will flush the open block
    private RuntimeUnavailableException? _closed;  // Gate: why no commit is taken
    private RuntimeUnavailableException? _failure;  // Gate: the same, once the writer has failed
    private volatile bool _ended;  // nothing is taken or flushed any more

    /// <summary>The lock of the state and of the blocks.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Refuses a commit if the queue is closed, has ended or is broken. Under <see cref="Gate"/>.</summary>
    /// <exception cref="RuntimeUnavailableException">The reason.</exception>
    public void CheckOpen()
    {
        if ((_failure ?? _closed) is { } reason)
            throw reason.Again();
        if (_ended || IsBroken)
            throw new RuntimeUnavailableException(RuntimePhase.Failed);
    }

    /// <summary>
    /// Whether a commit has its sequence and is not in a block yet; set by the admission. Under <see cref="Gate"/>.
    /// </summary>
    public bool IsPlacing { get; set; }

    /// <summary>
    /// Whether a commit is in the state and not in the log, or only a part of it is in the state. No thread commits or
    /// flushes from then on, even before the writer has ended. May be asked without a lock.
    /// </summary>
    public bool IsBroken => IsPlacing || world.IsBroken;

    /// <summary>Bytes of commits that are not synced yet. Under <see cref="Gate"/>.</summary>
    public long Bytes => _queuedBytes + (_open?.Bytes ?? 0);

    /// <summary>Whether a block is full and has to be flushed now. Under <see cref="Gate"/>.</summary>
    public bool HasSealed => _sealed.Count > 0;

    /// <summary>
    /// Allocates what a commit of <paramref name="bytes"/> needs to become part of a block, after sealing the open
    /// block if the commit does not fit into it. If this throws, no commit has been changed. Under <see cref="Gate"/>.
    /// </summary>
    public void Reserve(int bytes)
    {
        if (_open?.Bytes + bytes > TargetBlockBytes)
            Seal();
        if (_open is null && _next is null && !_free.TryPop(out _next))
            _next = new PendingBlock(options.Memory);
        if (_open is null)
            _next!.Clear();
        (_open ?? _next!).Reserve(bytes);
        options.Memory.EnsureCapacity(_sealed, _sealed.Count + 1);
    }

    /// <summary>
    /// Adds the commit that was just applied to the state. Allocates nothing after <see cref="Reserve"/>. Under
    /// <see cref="Gate"/>.
    /// </summary>
    /// <returns>Whether the caller has to start the timer that flushes the open block.</returns>
    public bool Append(ReadOnlySpan<byte> entry, DateTimeOffset committedAt, Acknowledgement? waiting)
    {
        if (_open is null)
        {
            (_open, _next) = (_next!, null);
            _open.Begin(world.Sequence);
        }

        _open.Add(entry, world.Sequence, committedAt);
        if (waiting is not null)
        {
            _open.Waiting.Add(waiting);
            _due = true;
            return false;
        }

        if (_due || _timed)
            return false;
        _timed = true;
        return true;
    }

    /// <summary>Makes the open block due for flushing, if there is one. Under <see cref="Gate"/>.</summary>
    public void MakeDue() => _due |= _open is not null;

    /// <summary>Takes no more commits.</summary>
    public void Close(RuntimeUnavailableException reason)
    {
        lock (Gate)
            _closed ??= reason;
    }

    /// <summary>Takes no more commits and flushes none, from this moment on. Allocates nothing.</summary>
    public void End() => _ended = true;

    /// <summary>Takes no more commits, drops the blocks, and returns the acknowledgements of both.</summary>
    public List<Acknowledgement> Abandon(RuntimeUnavailableException failure)
    {
        List<Acknowledgement> waiting = [];
        lock (Gate)
        {
            _failure ??= failure;
            foreach (var block in _sealed.Append(_open).Append(_taken).OfType<PendingBlock>())
            {
                waiting.AddRange(block.Waiting);
                block.Waiting.Clear();
            }

            _sealed.Clear();
            _open = null;
        }

        return waiting;
    }

    /// <summary>Makes the open block due for flushing before, or when, its flush interval is over.</summary>
    public void EndInterval()
    {
        lock (Gate)
        {
            _timed = false;
            MakeDue();
        }
    }

    /// <summary>For the flusher: the next block, if one is due.</summary>
    /// <exception cref="RuntimeUnavailableException">The state is broken: nothing may follow in the log.</exception>
    public PendingBlock? Take()
    {
        lock (Gate)
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

    /// <summary>For the flusher: the block it took is synced, and belongs to the flusher alone from here on.</summary>
    public void Release(PendingBlock block)
    {
        lock (Gate)
        {
            _taken = null;
            _queuedBytes -= block.Bytes;
        }
    }

    /// <summary>For the flusher: a later block may use this one's memory.</summary>
    public void Recycle(PendingBlock block)
    {
        lock (Gate)
        {
            if (_free.Count < KeptBlocks && block.Capacity <= TargetBlockBytes * 2)
                _free.Push(block);
        }
    }

    /// <summary>For the flusher: whether a block is due, or there will never be one again.</summary>
    public bool NeedsFlusher
    {
        get
        {
            lock (Gate)
                return _sealed.Count > 0 || (_due && _open is not null) || HasEnded;
        }
    }

    /// <summary>For the flusher: whether there will never be a block again.</summary>
    public bool IsEnded
    {
        get
        {
            lock (Gate)
                return HasEnded;
        }
    }

    private bool HasEnded => _ended || (_closed is not null && _open is null && _sealed.Count == 0);

    private void Seal()
    {
        _due = false;
        if (_open is null)
            return;
        _open.Seal(world.Store.Digest);
        _queuedBytes += _open.Bytes;
        _sealed.Enqueue(_open);
        _open = null;
    }
}
