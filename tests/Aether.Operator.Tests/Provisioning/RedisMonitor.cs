using System.Net.Sockets;
using Aether.TestServers;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>Records all commands of a Redis with MONITOR.</summary>
internal sealed class RedisMonitor : IAsyncDisposable
{
    private readonly RedisServer _server;
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private RedisMonitor(RedisServer server, TcpClient client)
    {
        _server = server;
        _client = client;
        _reader = new StreamReader(client.GetStream());
        _writer = new StreamWriter(client.GetStream()) { AutoFlush = true };
    }

    public static async Task<RedisMonitor> StartAsync(RedisServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var monitor = new RedisMonitor(server, client);
        await monitor._writer.WriteAsync($"AUTH {server.AdminPassword}\r\nMONITOR\r\n");
        await monitor._reader.ReadLineAsync();
        await monitor._reader.ReadLineAsync();
        return monitor;
    }

    /// <summary>Stops recording and returns the commands; a marker command shows that all of them were read.</summary>
    public async Task<IReadOnlyList<string>> StopAsync(Func<string, bool> filter)
    {
        var marker = Guid.NewGuid().ToString();
        using var other = new TcpClient();
        await other.ConnectAsync(_server.Host, _server.Port);
        await using var writer = new StreamWriter(other.GetStream()) { AutoFlush = true };
        await writer.WriteAsync($"AUTH {_server.AdminPassword}\r\nECHO {marker}\r\n");

        var lines = new List<string>();
        while (await _reader.ReadLineAsync() is { } line && !line.Contains(marker, StringComparison.Ordinal))
            lines.Add(line);
        return [.. lines.Where(filter)];
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _reader.Dispose();
        _client.Dispose();
    }
}
