using System.Text;
using NATS.Client.Core;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Decodes the headers of a stored message, which JetStream returns as one base64 text.</summary>
internal static class StoredHeaders
{
    public static NatsHeaders Read(string? stored)
    {
        var headers = new NatsHeaders();
        if (stored is null)
            return headers;
        // The first line is the protocol's version.
        foreach (var line in Encoding.UTF8.GetString(Convert.FromBase64String(stored)).Split("\r\n").Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return headers;
    }
}
