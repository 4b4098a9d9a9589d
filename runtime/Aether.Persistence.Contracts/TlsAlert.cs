using System.Text.RegularExpressions;

namespace Aether.Persistence.Contracts;

/// <summary>
/// Recognises the alert by which a server refuses a client's certificate. With TLS 1.3 the alert arrives after the
/// client's part of the handshake, as an error of the client's first read.
/// </summary>
public static partial class TlsAlert
{
    /// <summary>The alert in the words of OpenSSL, such as "unknown ca"; null if there was none.</summary>
    public static string? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is AggregateException several)
                return several.InnerExceptions.Select(Find).FirstOrDefault(alert => alert is not null);
            if (Alert().Match(exception.Message) is { Success: true } match)
                return match.Groups[1].Value;
        }

        return null;
    }

    /// <summary>The server's complaint, to be appended to its name.</summary>
    public static string Explain(string alert) => alert switch
    {
        "certificate required" => "asks for a client certificate, and none was presented",
        "certificate expired" => "refuses the client certificate: it has expired",
        "unknown ca" or "certificate unknown" =>
            $"refuses the client certificate: it does not trust the CA that issued it (TLS alert '{alert}')",
        // The client may also have presented none: TLS 1.2 and older servers in Go have no other alert for that.
        "bad certificate" or "handshake failure" =>
            $"refuses the client certificate, or asks for one and none was presented (TLS alert '{alert}')",
        _ => $"refuses the TLS connection (TLS alert '{alert}')",
    };

    // OpenSSL's words: "tlsv13 alert certificate required", "ssl/tls alert bad certificate" (sslv3 before 3.2).
    [GeneratedRegex("(?:ssl/tls|sslv3|tlsv1|tlsv13) alert ([a-z ]+)")]
    private static partial Regex Alert();
}
