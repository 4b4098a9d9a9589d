using System.Net.Security;

namespace Aether.Operator.Certificates;

/// <summary>The webhooks' serving certificate, from any source.</summary>
internal interface IServingCertificate
{
    /// <summary>The certificate with its chain; null until there is one.</summary>
    SslStreamCertificateContext? Context { get; }

    /// <summary>Whether there is a certificate that the API server should trust.</summary>
    bool IsReady { get; }
}
