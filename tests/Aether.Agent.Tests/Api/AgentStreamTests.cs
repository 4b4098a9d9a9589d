using System.Net.Sockets;
using Aether.Client;
using Aether.TestServers;

namespace Aether.Agent.Tests.Api;

[Trait("Kind", "Unit")]
public sealed class AgentStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("stream");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_and_writes_report_a_silent_agent_when_one_write_was_given_up()
    {
        var address = new UnixDomainSocketEndPoint(Path.Combine(_folder.Path, "s"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address, Cancellation);
        using var deaf = await listener.AcceptAsync(Cancellation);
        await using var stream = new AgentStream(socket, TimeSpan.FromMilliseconds(200));

        var reading = stream.ReadAsync(new byte[1], Cancellation).AsTask();
        var writing = stream.WriteAsync(new byte[64 << 20], Cancellation).AsTask();

        await Assert.ThrowsAsync<SilentAgentException>(() => reading);
        await Assert.ThrowsAsync<SilentAgentException>(() => writing);
        await Assert.ThrowsAsync<SilentAgentException>(() => stream.WriteAsync(new byte[1], Cancellation).AsTask());
        await Assert.ThrowsAsync<SilentAgentException>(() => stream.ReadAsync(new byte[1], Cancellation).AsTask());
    }
}
