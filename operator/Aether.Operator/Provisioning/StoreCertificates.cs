using System.Net.Security;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>What TLS to a store goes by. Not a record, so that nothing prints a key.</summary>
internal sealed class StoreCertificates
{
    /// <summary>A store without CA and client certificates of its own.</summary>
    public static StoreCertificates None { get; } = new();

    /// <summary>PEM text of the CAs to trust; null for the system's.</summary>
    public string? Authorities { get; init; }

    /// <summary>What the operator presents; null: nothing.</summary>
    public ClientCertificate? Operator { get; init; }

    /// <summary>What agents present; null: nothing.</summary>
    public ClientCertificate? Agents { get; init; }

    /// <summary>How the operator speaks TLS with a host; null where nothing differs from a client's own way.</summary>
    public Func<string, SslClientAuthenticationOptions>? ForHost() => StoreTls.ForHost(Authorities, Operator);

    /// <summary>Tells these from any others.</summary>
    public string Fingerprint => StorePlace.Fingerprint(
        Authorities, Operator?.Chain, Operator?.Key, Agents?.Chain, Agents?.Key);
}
