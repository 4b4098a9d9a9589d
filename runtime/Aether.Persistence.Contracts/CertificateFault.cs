namespace Aether.Persistence.Contracts;

/// <summary>What is wrong with a client certificate.</summary>
public enum CertificateFault
{
    /// <summary>The text of the certificate holds no readable certificate.</summary>
    NoCertificate,

    /// <summary>The text of the key holds no readable key, or an encrypted key.</summary>
    NoKey,

    /// <summary>The key belongs to another certificate.</summary>
    OtherKey,
}
