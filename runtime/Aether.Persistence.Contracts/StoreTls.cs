using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Aether.Persistence.Contracts;

/// <summary>Sets up TLS to a store: which CAs to trust, and which certificate to present.</summary>
public static class StoreTls
{
    /// <summary>Reads the texts once; the returned action sets up each connection.</summary>
    /// <param name="authorities">PEM text of the CAs to trust instead of the system's; null: the system's.</param>
    /// <param name="client">The certificate to present; null: none.</param>
    public static Action<SslClientAuthenticationOptions> Prepare(string? authorities, ClientCertificate? client)
    {
        var trusted = authorities is null ? null : Read(authorities);
        var presented = client?.Open();
        return options =>
        {
            if (trusted is not null)
                options.CertificateChainPolicy = Trusting(trusted);
            if (presented is not null)
                options.ClientCertificateContext = presented;
        };
    }

    /// <summary>The same as options for a host; null if nothing differs from a client's defaults.</summary>
    public static Func<string, SslClientAuthenticationOptions>? ForHost(string? authorities, ClientCertificate? client)
    {
        if (authorities is null && client is null)
            return null;
        var prepare = Prepare(authorities, client);
        return host =>
        {
            var options = new SslClientAuthenticationOptions { TargetHost = host };
            prepare(options);
            return options;
        };
    }

    /// <summary>The same as a callback; null if nothing differs from a client's defaults.</summary>
    public static Func<SslClientAuthenticationOptions, ValueTask>? Callback(
        string? authorities, ClientCertificate? client)
    {
        if (authorities is null && client is null)
            return null;
        var prepare = Prepare(authorities, client);
        return options =>
        {
            prepare(options);
            return ValueTask.CompletedTask;
        };
    }

    private static X509Certificate2Collection Read(string authorities) =>
        CertificateText.TryRead(authorities, out var certificates)
            ? certificates
            : throw new InvalidCertificateException(CertificateFault.NoCertificate);

    // Private CAs publish no revocation lists that every agent could reach. So none is checked, as with PostgreSQL.
    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
