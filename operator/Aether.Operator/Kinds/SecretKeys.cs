namespace Aether.Operator.Kinds;

/// <summary>Keys of a backend's Secrets.</summary>
internal static class SecretKeys
{
    /// <summary>User name; in a NATS Secret, an alternative to <see cref="NatsCredentials"/>.</summary>
    public const string Username = "username";

    /// <summary>Password of <see cref="Username"/>.</summary>
    public const string Password = "password";

    /// <summary>PEM text of CAs.</summary>
    public const string CertificateAuthority = "ca.crt";

    /// <summary>PEM text of a client certificate, followed by intermediate CAs.</summary>
    public const string ClientCertificate = "tls.crt";

    /// <summary>PEM text of the private key of <see cref="ClientCertificate"/>.</summary>
    public const string ClientKey = "tls.key";

    /// <summary>Text of a NATS creds file: user JWT and seed.</summary>
    public const string NatsCredentials = "user.creds";

    /// <summary>Seed of the NATS account's signing key: SA...</summary>
    public const string SigningSeed = "seed";

    /// <summary>Public key of the NATS account if the seed is not the account's own: A...</summary>
    public const string AccountPublicKey = "account";
}
