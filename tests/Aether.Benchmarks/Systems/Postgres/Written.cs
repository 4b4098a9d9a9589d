namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>The event of a write.</summary>
public sealed record Written(string Id, byte[] Value);
