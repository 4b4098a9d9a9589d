namespace Aether.Operator.Kinds;

/// <summary>The TLS settings of a backend's store.</summary>
internal interface ITlsBackend
{
    /// <summary>Secret with the CAs that must have issued the server's certificate; null for the system's.</summary>
    SecretReference? CaSecretRef { get; }

    /// <summary>Secret with the operator's client certificate; null for none.</summary>
    SecretReference? ClientCertificateSecretRef { get; }

    /// <summary>Secret with the agents' client certificate; null for none.</summary>
    SecretReference? AgentClientCertificateSecretRef { get; }
}
