namespace Aether.Operator.Kinds;

/// <summary>A kind of store.</summary>
/// <param name="Display">Its name for users.</param>
/// <param name="Condition">Type of its condition.</param>
/// <param name="Field">The backend's field that describes it.</param>
internal sealed record StoreName(string Display, string Condition, string Field)
{
    public static StoreName Postgres { get; } = new("PostgreSQL", "PostgresReady", "spec.postgres");

    public static StoreName Redis { get; } = new("Redis", "RedisReady", "spec.redis");

    public static StoreName Nats { get; } = new("NATS", "NatsReady", "spec.nats");
}
