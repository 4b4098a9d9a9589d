using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>
/// The effective settings of a world: its spec with the defaults of its class. Only this class knows those defaults,
/// since a schema's defaults cannot depend on another field.
/// </summary>
internal sealed record WorldProfile
{
    public required WorldClass Class { get; init; }

    public required bool WalEnabled { get; init; }

    public required TimeSpan FlushInterval { get; init; }

    public required TimeSpan Lease { get; init; }

    public required Durability DefaultDurability { get; init; }

    public required long SegmentBytes { get; init; }

    public required long MaxLogBytes { get; init; }

    /// <summary>The volume of the log; null if the world writes nothing to a volume.</summary>
    public required WalVolumeSpec? Volume { get; init; }

    /// <summary>The store of the journal; null without a log.</summary>
    public required JournalKind? Journal { get; init; }

    /// <summary>How many bytes the journal may be behind before commits wait; 0 for no limit.</summary>
    public required long MaxLagBytes { get; init; }

    /// <summary>How long the journal may be behind before commits wait; zero for no limit.</summary>
    public required TimeSpan MaxLagTime { get; init; }

    /// <summary>Maximum bytes of keys and values; 0 for no limit.</summary>
    public required long MaxStateBytes { get; init; }

    public required JournalLossPolicy OnJournalLoss { get; init; }

    public required TimeSpan SnapshotInterval { get; init; }

    public required int SnapshotsRetained { get; init; }

    /// <summary>How far back every past state can be recovered; zero for the states of kept snapshots only.</summary>
    public required TimeSpan RecoveryWindow { get; init; }

    public required SnapshotStoreKind SnapshotStore { get; init; }

    /// <summary>Priorities by kind, ordered by kind.</summary>
    public required IReadOnlyList<KeyValuePair<string, CriticalPriority>> CriticalKinds { get; init; }

    /// <summary>Whether the spec has events, so that the world needs NATS.</summary>
    public required bool AsksForEvents { get; init; }

    /// <summary>Replicas of the world's streams; null for as many as the NATS cluster offers, at most three.</summary>
    public required int? EventReplicas { get; init; }

    public required TimeSpan EventMaxAge { get; init; }

    public required long EventMaxBytes { get; init; }

    public required EventStorage EventStorage { get; init; }

    public required DeletionPolicy DeletionPolicy { get; init; }

    public required AgentLogLevel LogLevel { get; init; }

    /// <summary>Resolves a valid spec with the defaults of its class.</summary>
    public static WorldProfile Resolve(WorldPersistenceSpec spec)
    {
        var durable = Enum.Parse<WorldClass>(spec.Class) == WorldClass.Durable;
        var wal = IsWalEnabled(spec);
        var store = Parse(spec.Snapshot.Store, wal ? SnapshotStoreKind.Postgres : SnapshotStoreKind.Redis);
        var events = spec.Events ?? new EventsSpec();
        var usual = !wal ? Durability.Memory : durable ? Durability.Fsync : Durability.Batched;
        return new WorldProfile
        {
            Class = Enum.Parse<WorldClass>(spec.Class),
            WalEnabled = wal,
            FlushInterval = GoDuration.Parse(spec.Wal.FlushInterval),
            Lease = GoDuration.Parse(spec.Wal.Lease),
            DefaultDurability = Parse(spec.Wal.DefaultDurability, usual),
            SegmentBytes = ByteSize.Parse(spec.Wal.SegmentSize),
            MaxLogBytes = LogSize.Resolve(spec.Wal),
            Volume = wal || store == SnapshotStoreKind.Volume
                ? spec.Wal.Volume ?? new WalVolumeSpec { EmptyDir = new EmptyDirSource() }
                : null,
            Journal = wal ? Enum.Parse<JournalKind>(spec.Wal.Journal) : null,
            MaxLagBytes = SizeOf(spec.Wal.MaxLag?.Bytes),
            MaxLagTime = spec.Wal.MaxLag?.Time is { } time ? GoDuration.Parse(time) : TimeSpan.Zero,
            MaxStateBytes = SizeOf(spec.Quota?.StateBytes),
            OnJournalLoss = Enum.Parse<JournalLossPolicy>(spec.Wal.OnJournalLoss),
            SnapshotInterval = GoDuration.Parse(spec.Snapshot.Interval ?? DefaultSnapshotInterval(durable)),
            SnapshotsRetained = spec.Snapshot.MaxRetained,
            RecoveryWindow = GoDuration.Parse(spec.Snapshot.RecoveryWindow),
            SnapshotStore = store,
            CriticalKinds = [.. spec.CriticalState.Kinds
                .OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => KeyValuePair.Create(entry.Key, Enum.Parse<CriticalPriority>(entry.Value)))],
            AsksForEvents = spec.Events is not null,
            EventReplicas = events.Replicas,
            EventMaxAge = GoDuration.Parse(events.MaxAge),
            EventMaxBytes = ByteSize.Parse(events.MaxBytes),
            EventStorage = Enum.Parse<EventStorage>(events.Storage),
            DeletionPolicy = ResolveDeletionPolicy(spec),
            LogLevel = Enum.Parse<AgentLogLevel>(spec.Agent.LogLevel),
        };
    }

    /// <summary>Whether the world has a write-ahead log.</summary>
    public static bool IsWalEnabled(WorldPersistenceSpec spec) =>
        spec.Wal.Enabled ?? spec.Class == nameof(WorldClass.Durable);

    /// <summary>The deletion policy; also of an invalid spec, so that its resource can be deleted.</summary>
    public static DeletionPolicy ResolveDeletionPolicy(WorldPersistenceSpec spec) => spec.DeletionPolicy switch
    {
        nameof(DeletionPolicy.Delete) => DeletionPolicy.Delete,
        null when spec.Class == nameof(WorldClass.Ephemeral) => DeletionPolicy.Delete,
        _ => DeletionPolicy.Retain,
    };

    /// <summary>Whether the world needs the store to be served.</summary>
    public bool Uses(StoreName store) => store != StoreName.Redis || SnapshotStore == SnapshotStoreKind.Redis;

    /// <summary>The settings shown in <c>status.profile</c>.</summary>
    public WorldProfileStatus ToStatus(WorldPersistenceSpec spec) => new()
    {
        WalEnabled = WalEnabled,
        DefaultDurability = DefaultDurability.ToString(),
        SnapshotInterval = spec.Snapshot.Interval ?? DefaultSnapshotInterval(Class == WorldClass.Durable),
        SnapshotStore = SnapshotStore.ToString(),
        DeletionPolicy = DeletionPolicy.ToString(),
        Volume = Volume switch
        {
            null => "none",
            { PersistentVolumeClaim: not null } => "persistentVolumeClaim",
            { Ephemeral: not null } => "ephemeral",
            _ => "emptyDir",
        },
    };

    private static long SizeOf(string? text) => text is null ? 0 : ByteSize.Parse(text);

    private static string DefaultSnapshotInterval(bool durable) => durable ? "300s" : "5s";

    private static TEnum Parse<TEnum>(string? word, TEnum usual)
        where TEnum : struct, Enum => word is null ? usual : Enum.Parse<TEnum>(word);
}
