namespace Aether.Operator.Kinds;

/// <summary>The sentinels that name the primary of a Redis.</summary>
internal sealed class RedisSentinelBackend
{
    public string MasterName { get; set; } = "";

    public IList<RedisSentinelHost> Hosts { get; set => field = value ?? []; } = [];

    public SecretReference? CredentialsSecretRef { get; set; }
}
