namespace Aether.Operator.Provisioning;

/// <summary>A kind of store.</summary>
/// <param name="Display">Its name for people.</param>
/// <param name="Condition">Type of its condition.</param>
internal sealed record StoreName(string Display, string Condition)
{
    public static StoreName Postgres { get; } = new("PostgreSQL", "PostgresReady");

    public static StoreName Redis { get; } = new("Redis", "RedisReady");

    public static StoreName Nats { get; } = new("NATS", "NatsReady");
}
