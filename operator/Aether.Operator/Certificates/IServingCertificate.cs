using System.Net.Security;

namespace Aether.Operator.Certificates;

/// <summary>What the webhook serves TLS with, wherever it comes from.</summary>
internal interface IServingCertificate
{
    /// <summary>The certificate with its chain; null until there is one.</summary>
    SslStreamCertificateContext? Context { get; }

    /// <summary>Whether there is one that the API server can be expected to trust.</summary>
    bool IsReady { get; }
}
