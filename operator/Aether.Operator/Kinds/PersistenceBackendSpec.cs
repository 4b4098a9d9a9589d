namespace Aether.Operator.Kinds;

/// <summary>Addresses and credentials of the stores, and the namespaces that may use them.</summary>
internal sealed class PersistenceBackendSpec
{
    public PostgresBackend Postgres { get; set => field = value ?? new(); } = new();

    public RedisBackend? Redis { get; set; }

    public NatsBackend? Nats { get; set; }

    public IList<string>? AllowedNamespaces { get; set; }

    public int? MaxWorlds { get; set; }
}
