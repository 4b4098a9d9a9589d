namespace Aether.Persistence.Contracts;

/// <summary>What is wrong with a client certificate.</summary>
public enum CertificateFault
{
    /// <summary>The text of the certificate holds none that can be read.</summary>
    NoCertificate,

    /// <summary>The text of the key holds no readable key, or an encrypted key.</summary>
    NoKey,

    /// <summary>The key is that of another certificate.</summary>
    OtherKey,
}
