using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace Aether.TestServers;

/// <summary>
/// The first client of a <see cref="NatsServer"/> in operator mode, which makes the server load its account.
/// </summary>
/// <remarks>
/// nats-server 2.9 loads an account when its first client arrives, and once for each client that arrives at the same
/// time. It keeps one of these copies. If another copy was the first to reserve the storage, the kept copy has no
/// JetStream, and every request gets "no responders" for as long as the server runs.
/// </remarks>
internal static class NatsFirstClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Logs in and disconnects.</summary>
    /// <param name="host">Address of the server.</param>
    /// <param name="port">Port of the server.</param>
    /// <param name="jwt">A user of the account.</param>
    /// <param name="seed">The user's seed: SU...</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The server refused the login.</exception>
    public static async Task ComeAsync(
        string host, int port, string jwt, string seed, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, either.Token);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);

        var greeting = await reader.ReadLineAsync(either.Token) ?? "";
        var nonce = JsonNode.Parse(greeting["INFO ".Length..])!["nonce"]!.GetValue<string>();
        var login = new JsonObject { ["jwt"] = jwt, ["sig"] = Sign(nonce, seed), ["verbose"] = false };
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"CONNECT {login.ToJsonString()}\r\nPING\r\n"), either.Token);
        var answer = await reader.ReadLineAsync(either.Token);
        if (answer != "PONG")
            throw new InvalidOperationException($"nats-server answered its first client '{answer}' instead of PONG.");
    }

    private static string Sign(string nonce, string seed)
    {
        using var user = KeyPair.FromSeed(seed);
        var signature = new byte[64];
        user.Sign(Encoding.ASCII.GetBytes(nonce), signature);
        return Base64Url.EncodeToString(signature);
    }
}
