using System.Net.Sockets;

namespace Aether.Agent.Tests.Support;

/// <summary>HTTP over a Unix socket, as curl does with --unix-socket.</summary>
internal static class UnixHttp
{
    public static SocketsHttpHandler Handler(string path) => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    public static HttpClient Client(string path) => new(Handler(path)) { BaseAddress = new Uri("http://agent/") };
}
