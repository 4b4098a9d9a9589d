namespace Aether.Operator.Kinds;

/// <summary>NATS with JetStream, and the Secrets of its user and, if any, of the account signing key.</summary>
internal sealed class NatsBackend
{
    public IList<string> Urls { get; set => field = value ?? []; } = [];

    public SecretReference? CredentialsSecretRef { get; set; }

    public SecretReference? AccountSigningKeySecretRef { get; set; }
}
