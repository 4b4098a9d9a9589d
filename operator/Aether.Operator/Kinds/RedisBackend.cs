namespace Aether.Operator.Kinds;

/// <summary>Redis, and the Secret of a user that may manage ACLs, or that all worlds share.</summary>
internal sealed class RedisBackend
{
    public string Endpoint { get; set; } = "";

    public bool Tls { get; set; }

    [OneOf<RedisIsolation>]
    public string Isolation { get; set; } = nameof(RedisIsolation.PerWorldUser);

    public SecretReference? AdminSecretRef { get; set; }
}
