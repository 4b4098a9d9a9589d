namespace Aether.Operator.Kinds;

/// <summary>Where the stores are, with which credentials, and for whom.</summary>
internal sealed class PersistenceBackendSpec
{
    public PostgresBackend Postgres { get; set => field = value ?? new(); } = new();

    public RedisBackend? Redis { get; set; }

    public NatsBackend? Nats { get; set; }

    public IList<string>? AllowedNamespaces { get; set; }
}
