using Aether.Persistence.Contracts;
using Aether.Persistence.State;

namespace Aether.Persistence.Commits;

/// <summary>
/// The commits that are in the state and not yet in the log: the open block, which takes more commits, and the sealed
/// blocks, which wait for the flusher. <see cref="Gate"/> guards the blocks and the state together, so that the log has
/// the commits in the order in which the state applied them.
/// </summary>
internal sealed class BlockQueue(WorldState world, PersistenceOptions options)
{
    private const int TargetBlockBytes = 4 << 20;
    private const int KeptBlocks = 4;

    private readonly Queue<PendingBlock> _sealed = [];  // Gate
    private readonly Stack<PendingBlock> _free = new(KeptBlocks);  // Gate
    private PendingBlock? _open;  // Gate
    private PendingBlock? _next;  // Gate: reserved for the next open block
    private PendingBlock? _taken;  // Gate: the flusher is working on it
    private long _queuedBytes;  // Gate: of the sealed blocks and of _taken
    private bool _due;  // Gate: the open block must be flushed now
    private bool _timed;  // Gate: a timer will flush the open block
    private RuntimeUnavailableException? _closed;  // Gate: why commits are refused
    private RuntimeUnavailableException? _failure;  // Gate: the same, once the writer has failed
    private volatile bool _ended;  // the queue takes and yields nothing any more

    /// <summary>The lock of the state and of the blocks.</summary>
    public Lock Gate { get; } = new();

    /// <summary>
    /// Refuses a commit if the queue is closed, ended or broken. The caller holds <see cref="Gate"/>.
    /// </summary>
    /// <exception cref="RuntimeUnavailableException">The reason.</exception>
    public void CheckOpen()
    {
        if ((_failure ?? _closed) is { } reason)
            throw reason.Again();
        if (_ended || IsBroken)
            throw new RuntimeUnavailableException(RuntimePhase.Failed);
    }

    /// <summary>
    /// Whether a commit has its sequence and is not yet in a block. Set by the admission, which holds
    /// <see cref="Gate"/>.
    /// </summary>
    public bool IsPlacing { get; set; }

    /// <summary>
    /// Whether a commit is in the state and not in the log, or only partly in the state. From then on no thread commits
    /// or flushes, even before the writer has ended. May be read without a lock.
    /// </summary>
    public bool IsBroken => IsPlacing || world.IsBroken;

    /// <summary>Bytes of commits that are not synced yet. The caller holds <see cref="Gate"/>.</summary>
    public long Bytes => _queuedBytes + (_open?.Bytes ?? 0);

    /// <summary>
    /// Whether there is a full block, which must be flushed now. The caller holds <see cref="Gate"/>.
    /// </summary>
    public bool HasSealed => _sealed.Count > 0;

    /// <summary>
    /// Allocates everything that a commit of <paramref name="bytes"/> needs to become part of a block, after sealing
    /// the open block if the commit does not fit into it. If this throws, no commit has changed. The caller holds
    /// <see cref="Gate"/>.
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
    /// Adds the commit that was just applied to the state. Allocates nothing after <see cref="Reserve"/>. The caller
    /// holds <see cref="Gate"/>.
    /// </summary>
    /// <returns>Whether the caller must start the timer that flushes the open block.</returns>
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

    /// <summary>Makes the open block due for flushing, if there is one. The caller holds <see cref="Gate"/>.</summary>
    public void MakeDue() => _due |= _open is not null;

    /// <summary>Refuses all further commits.</summary>
    public void Close(RuntimeUnavailableException reason)
    {
        lock (Gate)
            _closed ??= reason;
    }

    /// <summary>Refuses all further commits and flushes, from this moment on. Allocates nothing.</summary>
    public void End() => _ended = true;

    /// <summary>
    /// Refuses all further commits, drops the blocks, and returns the acknowledgements that waited for them.
    /// </summary>
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

    /// <summary>Makes the open block due, because its flush interval is over or is cut short.</summary>
    public void EndInterval()
    {
        lock (Gate)
        {
            _timed = false;
            MakeDue();
        }
    }

    /// <summary>The next block if one is due; for the thread that flushes.</summary>
    /// <exception cref="RuntimeUnavailableException">
    /// The state is broken, so no block may follow in the log.
    /// </exception>
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

    /// <summary>Records that the block is synced. From here on it belongs to the thread that flushes.</summary>
    public void Release(PendingBlock block)
    {
        lock (Gate)
        {
            _taken = null;
            _queuedBytes -= block.Bytes;
        }
    }

    /// <summary>Keeps the block's memory for a later block; for the thread that flushes.</summary>
    public void Recycle(PendingBlock block)
    {
        lock (Gate)
        {
            if (_free.Count < KeptBlocks && block.Capacity <= TargetBlockBytes * 2)
                _free.Push(block);
        }
    }

    /// <summary>Whether a block is due, or no block will ever be due again; for the thread that flushes.</summary>
    public bool NeedsFlusher
    {
        get
        {
            lock (Gate)
                return _sealed.Count > 0 || (_due && _open is not null) || HasEnded;
        }
    }

    /// <summary>Whether no block will ever be due again; for the thread that flushes.</summary>
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
