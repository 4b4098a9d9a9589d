using Aether.Persistence.Contracts;

namespace Aether.Persistence;

/// <summary>Settings of a <see cref="Runtime.PersistenceRuntime"/>; its constructor checks them.</summary>
public sealed record PersistenceOptions
{
    private const long MinSegmentBytes = 4096;

    /// <summary>
    /// Identity of the world, written into its log and snapshots; a volume of another world is refused. It is the UID
    /// of the resource that first created the world's stores, and stays the same when another resource adopts them.
    /// </summary>
    public required string WorldId { get; init; }

    /// <summary>
    /// Other identities that this world's data may carry. They are accepted in data that is read, and never written to
    /// a new volume or snapshot. Default: none.
    /// </summary>
    public IReadOnlyList<string> FormerWorldIds { get; init; } = [];

    /// <summary>Name of this writer, for messages: the pod's name.</summary>
    public required string Holder { get; init; }

    /// <summary>
    /// Whether the world has a write-ahead log. Without it no durability above Memory is available. Default: true.
    /// </summary>
    public bool WalEnabled { get; init; } = true;

    /// <summary>Longest time that a Batched commit waits for its flush to begin. Default: 100 ms.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Durability of a commit that does not name one. Default: Fsync; without a WAL only Memory is possible.
    /// </summary>
    public Durability DefaultDurability { get; init; } = Durability.Fsync;

    /// <summary>Bytes of a segment. Default: 64 MiB.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most bytes of the log on the volume, including the spare segment; at least <see cref="WorldLimits.MinSegments"/>
    /// segments. At half of it a snapshot is forced so that segments can be dropped; at the limit commits are refused
    /// until some have been. Default: 4 GiB.
    /// </summary>
    public long MaxLogBytes { get; init; } = 4L << 30;

    /// <summary>What to do while the journal cannot be reached. Default: Continue.</summary>
    public JournalLossPolicy OnJournalLoss { get; init; } = JournalLossPolicy.Continue;

    /// <summary>Time between snapshots; none is taken if nothing has changed. Default: 300 s.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Most snapshots kept: the newest or, with a <see cref="RecoveryWindow"/>, some that are spread over it. Default:
    /// 5.
    /// </summary>
    public int MaxSnapshots { get; init; } = 5;

    /// <summary>
    /// How far back every commit and every time can be recovered (<see cref="Recovery.PointInTimeRecovery"/>). Needs a
    /// journal, and at least <see cref="WorldLimits.MinWindowSnapshots"/> snapshots. Default: 0, only what the kept
    /// snapshots allow.
    /// </summary>
    public TimeSpan RecoveryWindow { get; init; }

    /// <summary>Priorities of critical kinds. Default: none.</summary>
    public IReadOnlyDictionary<string, CriticalPriority> CriticalKinds { get; init; } =
        new Dictionary<string, CriticalPriority>();

    /// <summary>
    /// How long the lease is valid without renewal; it is renewed every third of this time. Default: 10 s.
    /// </summary>
    public TimeSpan LeaseTimeToLive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes that may wait for the disk before commits are refused. Default: 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most bytes kept in memory for the journal; blocks beyond it are read from the WAL again. Default: 64 MiB.
    /// </summary>
    public long MaxUnshippedBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most bytes of keys and values. Commits that would exceed it are refused, commits that shrink the state are not.
    /// Default: no limit.
    /// </summary>
    public long MaxStateBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Most bytes of memory for the state; commits that would exceed it are refused. Default: no limit.
    /// </summary>
    public long MaxStateMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// How many bytes the journal may be behind the volume before acknowledgements wait for it; at twice as many
    /// commits are refused. Default: no limit.
    /// </summary>
    public long MaxLagBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// How long a commit may be missing from the journal before acknowledgements wait. Default: no limit.
    /// </summary>
    public TimeSpan MaxLagTime { get; init; } = TimeSpan.MaxValue;

    /// <summary>Idempotency keys remembered. Default: 100,000.</summary>
    public int MaxIdempotencyKeys { get; init; } = 100_000;

    /// <summary>How long an idempotency key is remembered. Default: 1 h.</summary>
    public TimeSpan IdempotencyAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether the continuation of an awaited commit runs on the thread that acknowledges it. This is fastest, but no
    /// block is flushed meanwhile, so the code must be short, must not block, and must yield before any real work.
    /// Default: false, continuations run on the thread pool.
    /// </summary>
    public bool AcknowledgeInline { get; init; }

    /// <summary>Allocates buffers; a test makes it run out.</summary>
    internal EngineMemory Memory { get; init; } = EngineMemory.OfProcess;

    /// <param name="hasVolume">Whether the world has a volume for a write-ahead log.</param>
    /// <param name="hasJournal">Whether the world has a journal.</param>
    /// <exception cref="ArgumentException">A setting exceeds its limits, or needs a port that is missing.</exception>
    internal void Check(bool hasVolume, bool hasJournal)
    {
        Require(WorldId.Length > 0, nameof(WorldId), WorldId, "must not be empty");
        Require(Holder.Length > 0, nameof(Holder), Holder, "must not be empty");
        Require(FlushInterval > TimeSpan.Zero, nameof(FlushInterval), FlushInterval, "must be positive");
        Require(SegmentBytes >= MinSegmentBytes, nameof(SegmentBytes), SegmentBytes,
            $"must be {MinSegmentBytes} or more");
        Require(MaxLogBytes >= WorldLimits.MinSegments * SegmentBytes, nameof(MaxLogBytes), MaxLogBytes,
            $"must be {WorldLimits.MinSegments} times {nameof(SegmentBytes)} or more");
        Require(SnapshotInterval > TimeSpan.Zero, nameof(SnapshotInterval), SnapshotInterval, "must be positive");
        Require(MaxSnapshots > 0, nameof(MaxSnapshots), MaxSnapshots, "must be 1 or more");
        Require(RecoveryWindow >= TimeSpan.Zero, nameof(RecoveryWindow), RecoveryWindow, "must not be negative");
        Require(RecoveryWindow == TimeSpan.Zero || hasJournal, nameof(RecoveryWindow), RecoveryWindow,
            "needs a journal");
        Require(RecoveryWindow == TimeSpan.Zero || MaxSnapshots >= WorldLimits.MinWindowSnapshots,
            nameof(MaxSnapshots), MaxSnapshots,
            $"must be {WorldLimits.MinWindowSnapshots} or more with a {nameof(RecoveryWindow)}");
        Require(LeaseTimeToLive > TimeSpan.Zero, nameof(LeaseTimeToLive), LeaseTimeToLive, "must be positive");
        Require(MaxQueuedBytes > 0, nameof(MaxQueuedBytes), MaxQueuedBytes, "must be positive");
        Require(MaxUnshippedBytes > 0, nameof(MaxUnshippedBytes), MaxUnshippedBytes, "must be positive");
        Require(MaxStateBytes > 0, nameof(MaxStateBytes), MaxStateBytes, "must be positive");
        Require(MaxStateMemoryBytes > 0, nameof(MaxStateMemoryBytes), MaxStateMemoryBytes, "must be positive");
        Require(MaxLagBytes > 0, nameof(MaxLagBytes), MaxLagBytes, "must be positive");
        Require(MaxLagTime > TimeSpan.Zero, nameof(MaxLagTime), MaxLagTime, "must be positive");
        Require(MaxIdempotencyKeys > 0, nameof(MaxIdempotencyKeys), MaxIdempotencyKeys, "must be 1 or more");
        Require(IdempotencyAge > TimeSpan.Zero, nameof(IdempotencyAge), IdempotencyAge, "must be positive");
        Require(!WalEnabled || hasVolume, nameof(WalEnabled), WalEnabled, "needs a volume");
        Require(WalEnabled || !hasJournal, nameof(WalEnabled), WalEnabled,
            "must be true for a world with a journal");
    }

    private static void Require(bool holds, string setting, object value, string rule)
    {
        if (!holds)
            throw new ArgumentException($"{setting} is '{value}': {rule}.", setting);
    }
}
