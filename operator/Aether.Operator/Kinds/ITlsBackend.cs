namespace Aether.Operator.Kinds;

/// <summary>What every store of a backend says about TLS.</summary>
internal interface ITlsBackend
{
    /// <summary>Secret of the CAs that the server's certificate must lead to; null: the system's.</summary>
    SecretReference? CaSecretRef { get; }

    /// <summary>Secret of the certificate that the operator presents; null: none.</summary>
    SecretReference? ClientCertificateSecretRef { get; }

    /// <summary>Secret of the certificate that agents present; null: none.</summary>
    SecretReference? AgentClientCertificateSecretRef { get; }
}
