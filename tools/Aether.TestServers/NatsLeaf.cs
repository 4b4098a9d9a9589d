using System.Globalization;

namespace Aether.TestServers;

/// <summary>A nats-server whose JetStream has a domain, and a leaf node of it that clients connect to.</summary>
public sealed class NatsLeaf : IAsyncDisposable
{
    private readonly string _password = Secrets.NewPassword();
    private readonly int _port = FreePort.Next();

    /// <summary>Prepares both.</summary>
    /// <param name="leafHasJetStream">Whether the leaf node has a JetStream of its own, in domain "leaf".</param>
    /// <param name="users">Users of the leaf node beside the administrator, as its configuration lists them.</param>
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

    /// <summary>Where the streams are.</summary>
    public NatsServer Hub { get; }

    /// <summary>Where clients connect.</summary>
    public NatsServer Leaf { get; }

    /// <summary>Name of the user that may do everything, on both.</summary>
    public string Username { get; } = "admin";

    /// <summary>Password of <see cref="Username"/>.</summary>
    public string Password => _password;

    /// <summary>Starts both and waits until the leaf node has found the hub.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Hub.StartAsync(cancellationToken);
        await Leaf.StartAsync(cancellationToken);
        await Leaf.Process!.WaitForLineAsync(
            line => line.Contains("Leafnode connection created", StringComparison.Ordinal),
            TestServer.ClientPatience,
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Leaf.DisposeAsync();
        await Hub.DisposeAsync();
    }
}
