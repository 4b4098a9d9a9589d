using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;

namespace Aether.Agent.Settings;

/// <summary>Converts <c>AETHER_*</c> settings to <see cref="AgentOptions"/>.</summary>
internal static class AgentOptionsReader
{
    private const long LargestGraceSeconds = 7 * 24 * 3600;

    /// <param name="read">Returns a setting by its name, or null.</param>
    /// <param name="localDirectory">Folder of a local world, or null.</param>
    /// <exception cref="InvalidSettingsException">
    /// Settings are missing or out of range; the message names all of them.
    /// </exception>
    public static AgentOptions Read(Func<string, string?> read, string? localDirectory)
    {
        var settings = new SettingsReader(read);
        var options = ReadAll(settings, localDirectory);
        if (options.Engine is { WalEnabled: false, DefaultDurability: not Durability.Memory } engine)
        {
            settings.Refuse(
                $"{AetherVariables.WalDefaultDurability} is '{engine.DefaultDurability}'; without a log "
                + $"({AetherVariables.WalEnabled}=false) the only one is Memory.");
        }

        if (options is { IsLocal: true, SnapshotStore: not SnapshotStoreKind.Volume })
        {
            settings.Refuse(
                $"{AetherVariables.SnapshotStore} is '{options.SnapshotStore}'; a local world needs Volume.");
        }

        if (options is { IsLocal: false, Journal: JournalKind.JetStream, Engine.WalEnabled: true }
            && settings.Optional(AetherVariables.NatsUrl) is null)
        {
            settings.Refuse(
                $"{AetherVariables.NatsUrl} is not set; with {AetherVariables.WalJournal}={JournalKind.JetStream} it "
                + "is required.");
        }

        CheckWindow(settings, options);
        settings.ThrowIfInvalid();
        return options;
    }

    private static void CheckWindow(SettingsReader settings, AgentOptions options)
    {
        var (engine, name) = (options.Engine, AetherVariables.SnapshotRecoveryWindowSeconds);
        var seconds = (long)engine.RecoveryWindow.TotalSeconds;
        if (seconds > 0 && (options.IsLocal || !engine.WalEnabled))
            settings.Refuse($"{name} is '{seconds}'; only a world with a journal has a recovery window: use 0.");
        else if (seconds > 0 && engine.MaxSnapshots < WorldLimits.MinWindowSnapshots)
        {
            settings.Refuse(
                $"{AetherVariables.SnapshotMaxRetained} is '{engine.MaxSnapshots}'; with {name} it must be "
                + $"{WorldLimits.MinWindowSnapshots} or more.");
        }
    }

    private static AgentOptions ReadAll(SettingsReader settings, string? local)
    {
        var snapshots = settings.Choice(
            AetherVariables.SnapshotStore,
            local is not null ? SnapshotStoreKind.Volume
            : IsEphemeral(settings) ? SnapshotStoreKind.Redis
            : SnapshotStoreKind.Postgres);
        var sockets = local ?? AetherNames.SocketDirectory;
        return new AgentOptions
        {
            WorldName = settings.Text(AetherVariables.WorldName, local is null ? null : "local"),
            Class = settings.Choice(AetherVariables.WorldClass, WorldClass.Durable),
            IsLocal = local is not null,
            Revision = settings.Optional(AetherVariables.Revision) ?? "",
            CredentialsRevision = settings.Optional(AetherVariables.CredentialsRevision) ?? "",
            SocketPath = settings.Text(AetherVariables.Socket, Path.Combine(sockets, AetherNames.SocketFile)),
            HttpSocketPath =
                settings.Text(AetherVariables.HttpSocket, Path.Combine(sockets, AetherNames.HttpSocketFile)),
            HealthAddress = settings.Address(
                AetherVariables.HealthAddress, local is null ? $"127.0.0.1:{AetherNames.HealthPort}" : "127.0.0.1:0"),
            StopGrace = TimeSpan.FromSeconds(
                settings.Number(AetherVariables.StopGraceSeconds, 25, 0, LargestGraceSeconds)),
            LogLevel = settings.Choice(AetherVariables.LogLevel, LogLevel.Information),
            LogFormat = settings.Choice(AetherVariables.LogFormat, LogFormat.Text),
            VolumeDirectory = local ?? settings.Text(AetherVariables.WalDirectory, AetherNames.WalDirectory),
            Journal = settings.Choice(AetherVariables.WalJournal, JournalKind.Postgres),
            SnapshotStore = snapshots,
            Engine = ReadEngine(settings, local),
            Postgres = local is null ? settings.Store(PostgresConnectionOptions.From) : null,
            Redis = snapshots == SnapshotStoreKind.Redis ? settings.Store(RedisConnectionOptions.From) : null,
            Nats = local is null && settings.Optional(AetherVariables.NatsUrl) is not null
                ? settings.Store(NatsConnectionOptions.From)
                : null,
        };
    }

    private static PersistenceOptions ReadEngine(SettingsReader settings, string? local)
    {
        var ephemeral = IsEphemeral(settings);
        var walEnabled = settings.Flag(AetherVariables.WalEnabled, !ephemeral);
        var uid = settings.Text(AetherVariables.WorldUid, local is null ? null : "local");
        var identities = settings.List(AetherVariables.WorldIdentity, uid);
        var defaults = new PersistenceOptions
        {
            WorldId = identities[0],
            FormerWorldIds = [.. identities.Skip(1)],
            Holder = settings.Text(AetherVariables.Holder, Environment.MachineName),
        };
        var segmentBytes = settings.Number(
            AetherVariables.WalSegmentBytes, defaults.SegmentBytes,
            WorldLimits.MinSegmentBytes, WorldLimits.MaxSegmentBytes);
        var memory = MemoryBudget.Of(settings.Number(AetherVariables.MemoryLimitBytes, 0, 0, long.MaxValue));
        var maxLag = settings.Seconds(
            AetherVariables.WalMaxLagSeconds, TimeSpan.Zero, TimeSpan.Zero, WorldLimits.MaxLagTime);
        return defaults with
        {
            WalEnabled = walEnabled,
            DefaultDurability = settings.Choice(
                AetherVariables.WalDefaultDurability, walEnabled ? Durability.Fsync : Durability.Memory),
            FlushInterval = settings.Milliseconds(
                AetherVariables.WalFlushIntervalMs, defaults.FlushInterval,
                WorldLimits.MinFlushInterval, WorldLimits.MaxFlushInterval),
            LeaseTimeToLive = settings.Milliseconds(
                AetherVariables.WalLeaseMs, defaults.LeaseTimeToLive, WorldLimits.MinLease, WorldLimits.MaxLease),
            SegmentBytes = segmentBytes,
            MaxLogBytes = settings.Number(
                AetherVariables.WalMaxBytes,
                Math.Max(defaults.MaxLogBytes, WorldLimits.MinSegments * segmentBytes),
                WorldLimits.MinSegments * segmentBytes,
                long.MaxValue),
            MaxLagBytes = LimitOf(settings, AetherVariables.WalMaxLagBytes),
            MaxLagTime = maxLag == TimeSpan.Zero ? TimeSpan.MaxValue : maxLag,
            MaxQueuedBytes = memory.QueueBytes(defaults.MaxQueuedBytes),
            MaxUnshippedBytes = memory.QueueBytes(defaults.MaxUnshippedBytes),
            MaxStateBytes = LimitOf(settings, AetherVariables.QuotaStateBytes),
            MaxStateMemoryBytes = memory.StateBytes,
            OnJournalLoss = settings.Choice(AetherVariables.WalOnJournalLoss, defaults.OnJournalLoss),
            SnapshotInterval = settings.Seconds(
                AetherVariables.SnapshotIntervalSeconds,
                ephemeral ? TimeSpan.FromSeconds(5) : defaults.SnapshotInterval,
                WorldLimits.MinSnapshotInterval, WorldLimits.MaxSnapshotInterval),
            MaxSnapshots = (int)settings.Number(
                AetherVariables.SnapshotMaxRetained, defaults.MaxSnapshots, 1, WorldLimits.MaxSnapshots),
            RecoveryWindow = settings.Seconds(
                AetherVariables.SnapshotRecoveryWindowSeconds, TimeSpan.Zero,
                TimeSpan.Zero, WorldLimits.MaxRecoveryWindow),
            CriticalKinds = settings.Choices<CriticalPriority>(AetherVariables.CriticalKinds),

            // See WorldCommits: no continuation after an acknowledgement keeps the log waiting.
            AcknowledgeInline = true,
        };
    }

    // 0 means no limit.
    private static long LimitOf(SettingsReader settings, string variable) =>
        settings.Number(variable, 0, 0, long.MaxValue) is > 0 and var limit ? limit : long.MaxValue;

    private static bool IsEphemeral(SettingsReader settings) =>
        settings.Choice(AetherVariables.WorldClass, WorldClass.Durable) == WorldClass.Ephemeral;
}
