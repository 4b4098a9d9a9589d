using Aether.Persistence.Codec;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Commits;

/// <summary>
/// Commits on their way to the log, and the acknowledgements that wait for them. Guarded by the queue's gate until the
/// flusher takes the block; from then on it belongs to the thread that flushes. Later blocks reuse it.
/// </summary>
internal sealed class PendingBlock(EngineMemory? memory = null)
{
    private const int InitialBytes = 16 << 10;
    private const int EndMarkBytes = 1;

    private readonly EngineMemory _memory = memory ?? EngineMemory.OfProcess;
    private readonly ByteWriter _bytes = new(InitialBytes, memory);

    /// <summary>The acknowledgements that wait until the block is synced.</summary>
    public List<Acknowledgement> Waiting { get; } = [];

    public Sequence First { get; private set; }

    public Sequence Last { get; private set; }

    /// <summary>Its bytes so far, without the end mark.</summary>
    public int Bytes { get; private set; }

    /// <summary>Bytes of its buffer.</summary>
    public int Capacity => _bytes.Capacity;

    private StateDigest Digest { get; set; }

    private DateTimeOffset WrittenAt { get; set; }

    /// <summary>Starts a new block, whose first commit is <paramref name="first"/>.</summary>
    public void Begin(Sequence first)
    {
        First = first;
        Clear();
        _bytes.Reserve(BlockHeader.Size);
        Bytes = _bytes.Length;
    }

    /// <summary>Removes the commits of the former block.</summary>
    public void Clear()
    {
        Waiting.Clear();
        _bytes.Clear();
    }

    /// <summary>
    /// Allocates what is needed to add a commit of <paramref name="entryBytes"/> bytes and its acknowledgement, and to
    /// close the block.
    /// </summary>
    public void Reserve(int entryBytes)
    {
        _bytes.EnsureRoom(BlockHeader.Size + entryBytes + EndMarkBytes);
        _memory.EnsureCapacity(Waiting, Waiting.Count + 1);
    }

    /// <summary>Adds an encoded commit.</summary>
    public void Add(ReadOnlySpan<byte> entry, Sequence sequence, DateTimeOffset committedAt)
    {
        _bytes.Raw(entry);
        Bytes = _bytes.Length;
        Last = sequence;
        WrittenAt = committedAt;
    }

    /// <summary>
    /// Completes the block; <paramref name="digest"/> is the digest of the state after its last commit.
    /// </summary>
    public void Seal(StateDigest digest) => Digest = digest;

    /// <summary>
    /// The block as it goes into the log, after a block with checksum <paramref name="previous"/>. It shares this
    /// object's bytes, and is valid until <see cref="Begin"/>.
    /// </summary>
    public (LogBlock Block, uint Checksum) Close(Epoch epoch, uint previous) => BlockCodec.Close(_bytes, new BlockHeader
    {
        BodyLength = 0,
        Previous = previous,
        First = First,
        Last = Last,
        Epoch = epoch,
        WrittenAt = WrittenAt,
        Digest = Digest,
        BodyChecksum = 0,
    });
}
