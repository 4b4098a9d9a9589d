using Aether.Persistence.Contracts;

namespace Aether.Persistence;

/// <summary>Settings of a <see cref="Runtime.PersistenceRuntime"/>; checked once, when it is made.</summary>
public sealed record PersistenceOptions
{
    private const long MinSegmentBytes = 4096;

    /// <summary>
    /// Identity of the world, written into its log and snapshots; a volume of another world is refused. It is the UID
    /// of the resource that first made the world's stores, and stays the same when another resource takes them over.
    /// </summary>
    public required string WorldId { get; init; }

    /// <summary>
    /// Other identities that this world's data may carry. They are accepted when data is read and never written to a
    /// new volume or snapshot. Default: none.
    /// </summary>
    public IReadOnlyList<string> FormerWorldIds { get; init; } = [];

    /// <summary>Who writes, for people: the pod's name.</summary>
    public required string Holder { get; init; }

    /// <summary>Whether commits are written ahead. Without it nothing is stronger than Memory. Default: true.</summary>
    public bool WalEnabled { get; init; } = true;

    /// <summary>Longest a Batched commit waits for its flush to begin. Default: 100 ms.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Durability of a commit that names none. Default: Fsync; Memory is the only one without a WAL.</summary>
    public Durability DefaultDurability { get; init; } = Durability.Fsync;

    /// <summary>Bytes of a segment. Default: 64 MiB.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most bytes of the log on the volume, the segment made ahead included; at least
    /// <see cref="WorldLimits.MinSegments"/> segments. At half of it a snapshot is forced, so that segments can go; at
    /// the end commits are refused until some have. Default: 4 GiB.
    /// </summary>
    public long MaxLogBytes { get; init; } = 4L << 30;

    /// <summary>What to do while the journal cannot be reached. Default: Continue.</summary>
    public JournalLossPolicy OnJournalLoss { get; init; } = JournalLossPolicy.Continue;

    /// <summary>Time between snapshots, of which none is taken while nothing changes. Default: 300 s.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Most snapshots kept: the newest, or with a <see cref="RecoveryWindow"/> some that are spread over it.
    /// Default: 5.
    /// </summary>
    public int MaxSnapshots { get; init; } = 5;

    /// <summary>
    /// How far back every commit and every time can be recovered (<see cref="Recovery.PointInTimeRecovery"/>). Needs a
    /// journal, and at least <see cref="WorldLimits.MinWindowSnapshots"/> snapshots. Default: 0, only what the kept
    /// snapshots give.
    /// </summary>
    public TimeSpan RecoveryWindow { get; init; }

    /// <summary>Priorities of critical kinds. Default: none.</summary>
    public IReadOnlyDictionary<string, CriticalPriority> CriticalKinds { get; init; } =
        new Dictionary<string, CriticalPriority>();

    /// <summary>How long the lease holds without renewal; it is renewed every third of it. Default: 10 s.</summary>
    public TimeSpan LeaseTimeToLive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes that may wait for the disk before commits are refused. Default: 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most bytes kept in memory for the journal; what is beyond is read from the WAL again. Default: 64 MiB.
    /// </summary>
    public long MaxUnshippedBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Most bytes of keys and values: commits that let them grow beyond are refused, those that shrink them are not.
    /// Default: no limit.
    /// </summary>
    public long MaxStateBytes { get; init; } = long.MaxValue;

    /// <summary>Most bytes of memory that the state may take; likewise. Default: no limit.</summary>
    public long MaxStateMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// How many bytes the journal may be behind the volume before commits wait for it; at twice as many they are
    /// refused. Default: no limit.
    /// </summary>
    public long MaxLagBytes { get; init; } = long.MaxValue;

    /// <summary>How long a commit may be out of the journal before others wait for that. Default: no limit.</summary>
    public TimeSpan MaxLagTime { get; init; } = TimeSpan.MaxValue;

    /// <summary>Idempotency keys remembered. Default: 100,000.</summary>
    public int MaxIdempotencyKeys { get; init; } = 100_000;

    /// <summary>How long an idempotency key is remembered. Default: 1 h.</summary>
    public TimeSpan IdempotencyAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether what follows an awaited commit runs on the thread that acknowledges it: fastest, but the log stands
    /// still meanwhile, so that code must be short, must not block, and yields before any real work. Default: false,
    /// it runs on the thread pool.
    /// </summary>
    public bool AcknowledgeInline { get; init; }

    /// <summary>Where buffers get their memory; a test lets it run out.</summary>
    internal EngineMemory Memory { get; init; } = EngineMemory.OfProcess;

    /// <param name="hasVolume">Whether the world has a volume for a write-ahead log.</param>
    /// <param name="hasJournal">Whether the world has a journal.</param>
    /// <exception cref="ArgumentException">
    /// A setting is out of its limits, or needs a port that is not there.
    /// </exception>
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
