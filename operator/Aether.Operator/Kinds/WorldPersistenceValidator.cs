using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>
/// Validates a world's spec by all rules of the CRD's schema. The API server checks them first, but a spec may have
/// been stored before a rule existed, or past the schema.
/// </summary>
internal static class WorldPersistenceValidator
{
    private const string SizeExample = "write it in Mi, Gi or Ti, like 10Gi";
    private const string NameExample = "use lower-case letters, digits, '-' and '.'";
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>One sentence per error, each starting with the field's path; empty if there is none.</summary>
    public static IReadOnlyList<string> Validate(WorldPersistenceSpec spec)
    {
        var errors = new FieldErrors();
        errors.OneOf<WorldClass>("spec.class", spec.Class);
        errors.Text("spec.backendRef.name", spec.BackendRef.Name, FieldPatterns.ObjectName, 253, NameExample);
        errors.OneOf<DeletionPolicy>("spec.deletionPolicy", spec.DeletionPolicy);
        CheckWal(errors, spec.Wal);
        CheckSnapshot(errors, spec.Snapshot);
        errors.Text("spec.quota.stateBytes", spec.Quota?.StateBytes, ByteSize.Pattern, 8, SizeExample);
        CheckCriticalState(errors, spec.CriticalState);
        if (spec.Events is { } events)
            CheckEvents(errors, events);
        errors.Duration("spec.credentials.rotateEvery", spec.Credentials.RotateEvery, TimeSpan.FromHours(1), Year);
        CheckAgent(errors, spec.Agent);
        CheckTogether(errors, spec);
        return errors.All;
    }

    private static void CheckWal(FieldErrors errors, WalSpec wal)
    {
        errors.Duration("spec.wal.flushInterval", wal.FlushInterval,
            WorldLimits.MinFlushInterval, WorldLimits.MaxFlushInterval);
        errors.Duration("spec.wal.lease", wal.Lease, WorldLimits.MinLease, WorldLimits.MaxLease);
        errors.OneOf<Durability>("spec.wal.defaultDurability", wal.DefaultDurability);
        errors.Text("spec.wal.segmentSize", wal.SegmentSize, FieldPatterns.SegmentSize, 8, "use 1Mi to 999Mi, or 1Gi");
        errors.OneOf<JournalKind>("spec.wal.journal", wal.Journal);
        errors.Text("spec.wal.maxBytes", wal.MaxBytes, ByteSize.Pattern, 8, SizeExample);
        CheckLogSize(errors, wal);
        CheckVolumeSize(errors, wal);
        errors.Text("spec.wal.maxLag.bytes", wal.MaxLag?.Bytes, ByteSize.Pattern, 8, SizeExample);
        errors.Duration("spec.wal.maxLag.time", wal.MaxLag?.Time, WorldLimits.MinLagTime, WorldLimits.MaxLagTime);
        errors.OneOf<JournalLossPolicy>("spec.wal.onJournalLoss", wal.OnJournalLoss);
        if (wal.Volume is { } volume)
            CheckVolume(errors, volume);
    }

    private static void CheckVolume(FieldErrors errors, WalVolumeSpec volume)
    {
        const string path = "spec.wal.volume";
        object?[] kinds = [volume.PersistentVolumeClaim, volume.Ephemeral, volume.EmptyDir];
        if (kinds.Count(kind => kind is not null) != 1)
            errors.Add(path, "needs exactly one of persistentVolumeClaim, ephemeral and emptyDir");

        errors.Text($"{path}.persistentVolumeClaim.claimName", volume.PersistentVolumeClaim?.ClaimName,
            FieldPatterns.ObjectName, 253, NameExample);
        errors.Text($"{path}.ephemeral.storageClassName", volume.Ephemeral?.StorageClassName,
            FieldPatterns.ObjectName, 253, NameExample);
        errors.Text($"{path}.ephemeral.size", volume.Ephemeral?.Size, ByteSize.Pattern, 8, SizeExample);
        errors.Text($"{path}.emptyDir.sizeLimit", volume.EmptyDir?.SizeLimit, ByteSize.Pattern, 8, SizeExample);
    }

    private static void CheckSnapshot(FieldErrors errors, SnapshotSpec snapshot)
    {
        errors.Duration("spec.snapshot.interval", snapshot.Interval,
            WorldLimits.MinSnapshotInterval, WorldLimits.MaxSnapshotInterval);
        errors.Range("spec.snapshot.maxRetained", snapshot.MaxRetained, 1, WorldLimits.MaxSnapshots);
        errors.Duration("spec.snapshot.recoveryWindow", snapshot.RecoveryWindow,
            TimeSpan.Zero, WorldLimits.MaxRecoveryWindow);
        if (HasWindow(snapshot) && snapshot.MaxRetained is >= 1 and < WorldLimits.MinWindowSnapshots)
            errors.Add("spec.snapshot.maxRetained",
                $"{snapshot.MaxRetained} is too few with a recovery window of {snapshot.RecoveryWindow}: use "
                + $"{WorldLimits.MinWindowSnapshots} or more, or set spec.snapshot.recoveryWindow to 0s");
        errors.OneOf<SnapshotStoreKind>("spec.snapshot.store", snapshot.Store);
    }

    private static void CheckCriticalState(FieldErrors errors, CriticalStateSpec critical)
    {
        const string path = "spec.criticalState.kinds";
        if (critical.Kinds.Count > 64)
            errors.Add(path, $"holds {critical.Kinds.Count} kinds: use at most 64");
        foreach (var (kind, priority) in critical.Kinds)
        {
            errors.Text($"{path}[{kind}]", kind, FieldPatterns.CriticalKind, 128, "use letters, digits and _ . : / -");
            errors.OneOf<CriticalPriority>($"{path}[{kind}]", priority);
        }
    }

    private static void CheckEvents(FieldErrors errors, EventsSpec events)
    {
        errors.Range("spec.events.replicas", events.Replicas ?? 1, 1, 5);
        errors.Duration("spec.events.maxAge", events.MaxAge, TimeSpan.FromMinutes(1), Year);
        errors.Text("spec.events.maxBytes", events.MaxBytes, ByteSize.Pattern, 8, SizeExample);
        errors.OneOf<EventStorage>("spec.events.storage", events.Storage);
    }

    private static void CheckAgent(FieldErrors errors, AgentSpec agent)
    {
        errors.Text("spec.agent.image", agent.Image, FieldPatterns.Image, 1024,
            "use an image reference without spaces");
        errors.OneOf<FileSystemGroupPolicy>("spec.agent.fsGroup", agent.FsGroup);
        errors.OneOf<AgentLogLevel>("spec.agent.logLevel", agent.LogLevel);
        CheckQuantities(errors, "spec.agent.resources.requests", agent.Resources?.Requests);
        CheckQuantities(errors, "spec.agent.resources.limits", agent.Resources?.Limits);
    }

    private static void CheckQuantities(FieldErrors errors, string path, IDictionary<string, string>? quantities)
    {
        if (quantities?.Count > 16)
            errors.Add(path, $"holds {quantities.Count} resources: use at most 16");
        foreach (var (name, quantity) in quantities ?? new Dictionary<string, string>())
            errors.Text($"{path}[{name}]", quantity, FieldPatterns.Quantity, 32,
                "write a quantity as Kubernetes has them, like 100m, 1 or 512Mi");
    }

    private static void CheckLogSize(FieldErrors errors, WalSpec wal)
    {
        if (FieldPatterns.Matches(wal.SegmentSize, FieldPatterns.SegmentSize)
            && wal.MaxBytes is not null
            && FieldPatterns.Matches(wal.MaxBytes, ByteSize.Pattern)
            && ByteSize.Parse(wal.MaxBytes) < WorldLimits.MinSegments * ByteSize.Parse(wal.SegmentSize))
            errors.Add("spec.wal.maxBytes",
                $"{wal.MaxBytes} is less than {WorldLimits.MinSegments} segments of {wal.SegmentSize}: raise it, or "
                + "use smaller segments");
    }

    // Do not refuse a size that an earlier version stored by default, since that would refuse the pods of running
    // worlds. The log is limited to the volume's size instead.
    private static void CheckVolumeSize(FieldErrors errors, WalSpec wal)
    {
        if (LogSize.OfVolume(wal.Volume) is not { } size || !FieldPatterns.Matches(size, ByteSize.Pattern))
            return;
        var path = wal.Volume?.Ephemeral is null
            ? "spec.wal.volume.emptyDir.sizeLimit"
            : "spec.wal.volume.ephemeral.size";
        if (wal.MaxBytes is null or LogSize.Default)
        {
            if (wal.MaxBytes is null && FieldPatterns.Matches(wal.SegmentSize, FieldPatterns.SegmentSize)
                && ByteSize.Parse(size) < 5 * ByteSize.Parse(wal.SegmentSize))
                errors.Add(path,
                    $"{size} is less than five segments of {wal.SegmentSize}: raise it, or use smaller segments");
        }
        else if (FieldPatterns.Matches(wal.MaxBytes, ByteSize.Pattern)
            && ByteSize.Parse(wal.MaxBytes) >= ByteSize.Parse(size))
        {
            errors.Add("spec.wal.maxBytes",
                $"{wal.MaxBytes} does not fit on the volume, {path} is {size}: lower it, remove it, or make the volume "
                + "larger");
        }
    }

    private static bool HasWindow(SnapshotSpec snapshot) =>
        GoDuration.TryParse(snapshot.RecoveryWindow, out var window) && window > TimeSpan.Zero;

    private static void CheckTogether(FieldErrors errors, WorldPersistenceSpec spec)
    {
        var wal = WorldProfile.IsWalEnabled(spec);
        if (spec is { Class: nameof(WorldClass.Durable), Wal.Enabled: false })
            errors.Add("spec.wal.enabled",
                "cannot be false in class Durable: remove the field, or use class Ephemeral");
        if (!wal && spec.Wal.DefaultDurability is not (null or nameof(Durability.Memory)))
            errors.Add("spec.wal.defaultDurability",
                $"{spec.Wal.DefaultDurability} needs the log: set spec.wal.enabled to true, or use Memory");
        if (!wal && spec.Wal.MaxLag is ({ Bytes: not null } or { Time: not null }))
            errors.Add("spec.wal.maxLag",
                "needs the log: set spec.wal.enabled to true, or remove the field");
        if (!wal && spec.CriticalState.Kinds.Count > 0)
            errors.Add("spec.criticalState.kinds",
                "needs the log: set spec.wal.enabled to true, or remove the kinds");
        if (wal && spec.Snapshot.Store is not (null or nameof(SnapshotStoreKind.Postgres)))
            errors.Add("spec.snapshot.store",
                $"{spec.Snapshot.Store} cannot be used while the log is on: use Postgres, or turn "
                + "spec.wal.enabled off");
        if (!wal && HasWindow(spec.Snapshot))
            errors.Add("spec.snapshot.recoveryWindow",
                $"{spec.Snapshot.RecoveryWindow} needs the log: set spec.wal.enabled to true, or use 0s");
        if (!wal && spec.Wal.Journal == nameof(JournalKind.JetStream))
            errors.Add("spec.wal.journal",
                "JetStream needs the log: set spec.wal.enabled to true, or remove the field");
        if (!wal && spec.Wal.Volume is not null && spec.Snapshot.Store is not nameof(SnapshotStoreKind.Volume))
            errors.Add("spec.wal.volume", "would hold nothing: set spec.wal.enabled to true or spec.snapshot.store to "
                + "Volume, or remove the volume");
    }
}
