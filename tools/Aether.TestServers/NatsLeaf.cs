using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Aether.TestServers;

/// <summary>A nats-server whose JetStream has a domain, and a leaf node of it to which clients connect.</summary>
public sealed class NatsLeaf : IAsyncDisposable
{
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(20);

    private readonly string _password = Secrets.NewPassword();
    private readonly int _port = FreePort.Next();

    /// <summary>Prepares both servers.</summary>
    /// <param name="leafHasJetStream">Whether the leaf node has its own JetStream, in domain "leaf".</param>
    /// <param name="users">Users of the leaf node besides the administrator, as in its configuration.</param>
    public NatsLeaf(bool leafHasJetStream, string users = "")
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        Hub = new NatsServer(
            $$"""
            server_name: hub
            jetstream { domain: {{Domain}}, max_memory_store: 1GB, max_file_store: 4GB }
            leafnodes { listen: "127.0.0.1:{{port}}", authorization { timeout: 30 } }
            authorization { user: {{Username}}, password: "{{_password}}", timeout: 30 }

            """);
        Leaf = new NatsServer(
            $$"""
            server_name: leaf
            {{(leafHasJetStream ? "jetstream { domain: leaf, max_memory_store: 1GB, max_file_store: 4GB }" : "")}}
            leafnodes { remotes: [{ url: "nats-leaf://{{Username}}:{{_password}}@127.0.0.1:{{port}}" }] }
            authorization { users: [{ user: {{Username}}, password: "{{_password}}" } {{users}}], timeout: 30 }

            """)
        { HasJetStream = leafHasJetStream };
    }

    /// <summary>JetStream domain of the hub.</summary>
    public static string Domain => "hub";

    /// <summary>The server with the streams.</summary>
    public NatsServer Hub { get; }

    /// <summary>The server for clients.</summary>
    public NatsServer Leaf { get; }

    /// <summary>Name of the user with all permissions, on both servers.</summary>
    public string Username { get; } = "admin";

    /// <summary>Password of <see cref="Username"/>.</summary>
    public string Password => _password;

    /// <summary>Starts both and waits until the hub's JetStream answers clients of the leaf node.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Hub.StartAsync(cancellationToken);
        await Leaf.StartAsync(cancellationToken);
        await Leaf.Process!.WaitForLineAsync(
            line => line.Contains("Leafnode connection created", StringComparison.Ordinal),
            TestServer.ClientPatience,
            cancellationToken);
        await WaitForDomainAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Leaf.DisposeAsync();
        await Hub.DisposeAsync();
    }

    // The leaf node is connected before it knows the hub's subscriptions. Until then no server answers a request to the
    // domain, which "headers" and "no_responders" make the leaf node report at once.
    private async Task WaitForDomainAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TestServer.ClientPatience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(Leaf.Host, Leaf.Port, either.Token);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var login = new JsonObject
        {
            ["user"] = Username,
            ["pass"] = _password,
            ["headers"] = true,
            ["no_responders"] = true,
            ["verbose"] = false,
        };
        await SendAsync($"CONNECT {login.ToJsonString()}\r\nSUB answer 1\r\n");
        while (true)
        {
            await SendAsync($"PUB $JS.{Domain}.API.INFO answer 0\r\n\r\n");
            if (await ReadAnswerAsync())
                return;
            await Task.Delay(ReadyPoll, TimeProvider.System, either.Token);
        }

        async Task<bool> ReadAnswerAsync()
        {
            while (true)
            {
                var line = await reader.ReadLineAsync(either.Token) ?? throw new EndOfStreamException("No answer.");
                if (line.StartsWith("MSG ", StringComparison.Ordinal))
                    return true;
                if (line.EndsWith(" 503", StringComparison.Ordinal))
                    return false;
            }
        }

        ValueTask SendAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), either.Token);
    }
}
