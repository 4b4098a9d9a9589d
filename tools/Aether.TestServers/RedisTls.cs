using System.Globalization;
using Aether.TestServers.Certificates;

namespace Aether.TestServers;

/// <summary>Arguments for the port of a Redis server or sentinel.</summary>
internal static class RedisTls
{
    /// <summary>Listens on the port; with a certificate only by TLS.</summary>
    public static string[] Listen(int port, ServerCertificate? certificate, string folder)
    {
        var text = port.ToString(CultureInfo.InvariantCulture);
        var files = CertificateFiles.In(folder);
        return certificate is null
            ? ["--port", text]
            :
            [
                "--port", "0", "--tls-port", text,
                "--tls-cert-file", files.Certificate, "--tls-key-file", files.Key,
                .. certificate.ClientAuthority is null
                    ? (string[])["--tls-auth-clients", "no"]
                    :
                    [
                        "--tls-auth-clients", "yes", "--tls-ca-cert-file", files.ClientAuthority,
                        "--tls-replication", "yes",
                    ],
            ];
    }
}
