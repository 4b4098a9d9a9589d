using System.Globalization;
using System.Net;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;

namespace Aether.Agent.Settings;

/// <summary>All settings of the agent, validated. Created by <see cref="AgentOptionsReader"/>; immutable.</summary>
internal sealed record AgentOptions
{
    /// <summary>Name of the world, for messages.</summary>
    public required string WorldName { get; init; }

    /// <summary>Class of the world.</summary>
    public required WorldClass Class { get; init; }

    /// <summary>Whether the world is in a local folder, without servers.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>Hash of what was injected into the pod, for reports; empty if unknown.</summary>
    public required string Revision { get; init; }

    /// <summary>Revision of the credentials, for reports; empty if the settings do not name one.</summary>
    public required string CredentialsRevision { get; init; }

    /// <summary>Path of the gRPC socket.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Path of the JSON API's socket.</summary>
    public required string HttpSocketPath { get; init; }

    /// <summary>Address of health and metrics.</summary>
    public required IPEndPoint HealthAddress { get; init; }

    /// <summary>Longest time for a stop.</summary>
    public required TimeSpan StopGrace { get; init; }

    /// <summary>Lowest level that is logged.</summary>
    public required LogLevel LogLevel { get; init; }

    /// <summary>How log entries are written.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Folder of the log, and of a local world's snapshots and lease.</summary>
    public required string VolumeDirectory { get; init; }

    /// <summary>Where the journal is stored.</summary>
    public required JournalKind Journal { get; init; }

    /// <summary>Where snapshots are stored.</summary>
    public required SnapshotStoreKind SnapshotStore { get; init; }

    /// <summary>The settings of the engine.</summary>
    public required PersistenceOptions Engine { get; init; }

    /// <summary>How to reach the world's schema, with lease, journal and snapshots. Null for a local world.</summary>
    public required PostgresConnectionOptions? Postgres { get; init; }

    /// <summary>How to reach the world's keys. Null unless snapshots are stored there.</summary>
    public required RedisConnectionOptions? Redis { get; init; }

    /// <summary>
    /// How to reach the world's event stream. Null: the world has no events; a local world keeps them in memory.
    /// </summary>
    public required NatsConnectionOptions? Nats { get; init; }

    /// <summary>Longest pause of a reader of the state.</summary>
    public TimeSpan ReaderPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the agent writes to <see cref="VolumeDirectory"/>.</summary>
    public bool NeedsVolume => Engine.WalEnabled || SnapshotStore == SnapshotStoreKind.Volume;

    /// <summary>
    /// Whether an agent that was started with <paramref name="started"/> must restart to apply these settings: whether
    /// they differ in more than how to reach the stores. Events appear or disappear with NATS only at a start.
    /// </summary>
    public bool NeedsRestartAfter(AgentOptions started) =>
        (Nats is null) != (started.Nats is null)
        || (this with { Postgres = started.Postgres, Redis = started.Redis, Nats = started.Nats }).Describe()
        != started.Describe();

    /// <summary>The settings in one line, without secrets.</summary>
    public string Describe() => string.Join(
        ", ",
        $"world {WorldName} ({Engine.WorldId})",
        $"holder {Engine.Holder}",
        $"volume {(NeedsVolume ? VolumeDirectory : "none")}",
        $"log {Engine.WalEnabled}, default {Engine.DefaultDurability}, flush {Engine.FlushInterval}",
        $"segment {Engine.SegmentBytes.ToString(CultureInfo.InvariantCulture)} bytes",
        $"journal in {Journal}, on its loss {Engine.OnJournalLoss}",
        $"at most {Engine.MaxLogBytes.ToString(CultureInfo.InvariantCulture)} bytes",
        $"snapshots to {SnapshotStore} every {Engine.SnapshotInterval}",
        $"critical [{string.Join(' ', Engine.CriticalKinds.Select(kind => $"{kind.Key}={kind.Value}"))}]",
        $"postgres {Postgres?.ToString() ?? "none"}",
        $"redis {Redis?.ToString() ?? "none"}",
        $"nats {Nats?.ToString() ?? "none"}",
        $"stop within {StopGrace}");
}
