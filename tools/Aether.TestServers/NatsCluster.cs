using System.Globalization;

namespace Aether.TestServers;

/// <summary>Three nats-servers that form a cluster with JetStream, and one user with all permissions.</summary>
public sealed class NatsCluster : IAsyncDisposable
{
    private const int Size = 3;
    private readonly List<NatsServer> _servers;

    /// <summary>Chooses the ports on which the servers find each other.</summary>
    public NatsCluster()
    {
        var ports = Enumerable.Range(0, Size).Select(_ => FreePort.Next()).ToList();
        var routes = string.Join(", ", ports.Select(port =>
            string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{port}")));
        _servers = [.. ports.Select((port, index) => new NatsServer(Configuration(index, port, routes)))];
    }

    /// <summary>Name of the user.</summary>
    public string Username { get; } = "admin";

    /// <summary>Password of <see cref="Username"/>.</summary>
    public string Password { get; } = Secrets.NewPassword();

    /// <summary>URLs of all servers, separated by commas.</summary>
    public string Url => string.Join(',', _servers.Select(server => server.Url));

    /// <summary>Starts all servers. Whether JetStream already has a leader shows only in a request.</summary>
    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_servers.Select(server => server.StartAsync(cancellationToken)));

    /// <summary>The server with a name, as in JetStream's answer about a stream's leader.</summary>
    public NatsServer Find(string name) => _servers[name[^1] - '0'];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private string Configuration(int index, int port, string routes) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        server_name: n{{index}}
        cluster { name: tests, listen: "127.0.0.1:{{port}}", routes: [{{routes}}] }
        jetstream { max_memory_store: 1GB, max_file_store: 4GB }
        accounts {
          A { jetstream: enabled, users: [{ user: {{Username}}, password: "{{Password}}" }] }
          SYS { users: [{ user: sys, password: "{{Password}}" }] }
        }
        system_account: SYS
        authorization { timeout: 30 }

        """);
}
