namespace Aether.Operator.Kinds;

/// <summary>Redis, and the Secret of a user that may manage ACLs or that all worlds share.</summary>
internal sealed class RedisBackend : ITlsBackend
{
    public string? Endpoint { get; set; }

    public RedisSentinelBackend? Sentinel { get; set; }

    public bool Tls { get; set; }

    public SecretReference? CaSecretRef { get; set; }

    public SecretReference? ClientCertificateSecretRef { get; set; }

    public SecretReference? AgentClientCertificateSecretRef { get; set; }

    [OneOf<RedisIsolation>]
    public string Isolation { get; set; } = nameof(RedisIsolation.PerWorldUser);

    public SecretReference? AdminSecretRef { get; set; }
}
