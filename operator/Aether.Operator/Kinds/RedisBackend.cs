namespace Aether.Operator.Kinds;

/// <summary>Redis, and the Secret of a user that may manage ACLs.</summary>
internal sealed class RedisBackend
{
    public string Endpoint { get; set; } = "";

    public bool Tls { get; set; }

    public SecretReference? AdminSecretRef { get; set; }
}
