using System.Net.Security;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>CAs and client certificates for TLS to a store. Not a record, so that keys are never printed.</summary>
internal sealed class StoreCertificates
{
    /// <summary>A store without its own CA and client certificates.</summary>
    public static StoreCertificates None { get; } = new();

    /// <summary>PEM text of the trusted CAs; null for the system's.</summary>
    public string? Authorities { get; init; }

    /// <summary>The operator's client certificate; null for none.</summary>
    public ClientCertificate? Operator { get; init; }

    /// <summary>The agents' client certificate; null for none.</summary>
    public ClientCertificate? Agents { get; init; }

    /// <summary>The operator's TLS options for a host; null if the client's defaults apply.</summary>
    public Func<string, SslClientAuthenticationOptions>? ForHost() => StoreTls.ForHost(Authorities, Operator);

    /// <summary>Identifies these certificates.</summary>
    public string Fingerprint => StorePlace.Fingerprint(
        Authorities, Operator?.Chain, Operator?.Key, Agents?.Chain, Agents?.Key);
}
