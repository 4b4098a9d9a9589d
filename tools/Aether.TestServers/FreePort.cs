using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aether.TestServers;

/// <summary>Finds ports for servers.</summary>
public static class FreePort
{
    private const int Lowest = 12_000;
    private const int Attempts = 100;

    // Of this process; each port stays reserved, whether or not a server listens on it later.
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>
    /// A port of 127.0.0.1 on which no program listens, and that no other test of this process got. It is below the
    /// range from which the kernel takes clients' ports: a client that reconnects to a stopped server in that range may
    /// get that very port, connect to itself, and keep the server from starting again.
    /// </summary>
    public static int Next()
    {
        var end = FirstClientPort();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(Lowest, end);
            if (IsFree(port) && Given.TryAdd(port, true))
                return port;
        }

        throw new InvalidOperationException($"No free port between {Lowest} and {end} after {Attempts} attempts.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private static int FirstClientPort()
    {
        var range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range");
        var first = int.Parse(range.Split('\t', ' ')[0], CultureInfo.InvariantCulture);
        return Math.Max(first, Lowest + 1000);
    }
}
