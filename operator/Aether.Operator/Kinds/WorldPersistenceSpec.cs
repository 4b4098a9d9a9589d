using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>The desired state of a world. Null fields take the default of the class: see WorldProfile.</summary>
internal sealed class WorldPersistenceSpec
{
    [OneOf<WorldClass>]
    public string Class { get; set; } = nameof(WorldClass.Durable);

    public BackendReference BackendRef { get; set => field = value ?? new(); } = new();

    public WalSpec Wal { get; set => field = value ?? new(); } = new();

    public SnapshotSpec Snapshot { get; set => field = value ?? new(); } = new();

    public QuotaSpec? Quota { get; set; }

    public CriticalStateSpec CriticalState { get; set => field = value ?? new(); } = new();

    public EventsSpec? Events { get; set; }

    [OneOf<DeletionPolicy>]
    public string? DeletionPolicy { get; set; }

    public CredentialsSpec Credentials { get; set => field = value ?? new(); } = new();

    public AgentSpec Agent { get; set => field = value ?? new(); } = new();

    public bool Paused { get; set; }
}
