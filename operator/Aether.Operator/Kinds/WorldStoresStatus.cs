namespace Aether.Operator.Kinds;

/// <summary>Names of a world's objects in each store, recorded before the first object is created.</summary>
internal sealed class WorldStoresStatus
{
    public string Schema { get; set; } = "";

    public string Role { get; set; } = "";

    public string RedisUser { get; set; } = "";

    public string RedisKeyPrefix { get; set; } = "";

    public string EventStream { get; set; } = "";

    public string SubjectPrefix { get; set; } = "";

    public string? NatsUser { get; set; }

    public string SecretName { get; set; } = "";

    public IList<string>? Identities { get; set; }

    public bool? SchemaProvisioned { get; set; }

    public bool? JournalProvisioned { get; set; }

    public bool? RedisProvisioned { get; set; }

    public bool? NatsProvisioned { get; set; }

    [OneOf<ReportChannel>]
    public string? ReportChannel { get; set; }
}
