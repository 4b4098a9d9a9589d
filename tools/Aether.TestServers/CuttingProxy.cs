using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Aether.TestServers;

/// <summary>
/// Forwards bytes to a server. It can break all connections and refuse new ones for a while, and can send new ones to
/// another server.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly Task _accepting;
    private volatile int _target;
    private volatile bool _cut;

    /// <summary>Forwards to the port <paramref name="target"/> of this machine.</summary>
    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port on which it listens, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Its address as URL, for a server with TLS.</summary>
    public string Url => $"https://127.0.0.1:{Port}";

    /// <summary>Breaks all connections, and new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var socket in _sockets.Keys)
            socket.Close(0);
    }

    /// <summary>Sends new connections to another port of this machine; existing ones stay.</summary>
    public void Lead(int target) => _target = target;

    /// <summary>Accepts new connections again.</summary>
    public void Mend() => _cut = false;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _listener.AcceptSocketAsync();
            _ = RelayAsync(near);
        }
    }

    private async Task RelayAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets[near] = _sockets[far] = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target);
            if (_cut)
                Cut();
            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        finally
        {
            foreach (var socket in new[] { near, far })
            {
                _sockets.TryRemove(socket, out _);
                socket.Dispose();
            }
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        await using var source = new NetworkStream(from);
        await using var sink = new NetworkStream(to);
        await source.CopyToAsync(sink);
    }
}
