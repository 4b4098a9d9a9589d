namespace Aether.Operator.Kinds;

/// <summary>NATS with JetStream, the Secret of the operator's user, and the source of the worlds' users.</summary>
internal sealed class NatsBackend : ITlsBackend
{
    public IList<string> Urls { get; set => field = value ?? []; } = [];

    public string? Domain { get; set; }

    public SecretReference? CaSecretRef { get; set; }

    public SecretReference? ClientCertificateSecretRef { get; set; }

    public SecretReference? AgentClientCertificateSecretRef { get; set; }

    public SecretReference? CredentialsSecretRef { get; set; }

    public SecretReference? AccountSigningKeySecretRef { get; set; }

    public SecretReference? WorldUsersSecretRef { get; set; }

    public bool SharedCredentials { get; set; }

    public string? JournalMaxBytes { get; set; }
}
