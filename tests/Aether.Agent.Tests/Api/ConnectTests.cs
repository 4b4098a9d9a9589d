using System.Net.Sockets;
using Aether.Client;
using Aether.TestServers;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Agent.Tests.Api;

[Trait("Kind", "Unit")]
public sealed class ConnectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("connect");
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Frozen_agent_that_accepts_connections_is_awaited_no_longer_than_any_other()
    {
        using var frozen = Listen();
        var connecting = AetherWorld.ConnectAsync(Options(), Cancellation);

        _clock.Advance(Options().ReadyTimeout);
        var unavailable = await Assert.ThrowsAsync<AgentUnavailableException>(
            () => connecting.WaitAsync(Cancellation));

        Assert.Contains("did not answer", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_connect_is_reported_as_a_cancellation_and_not_as_a_refusal()
    {
        using var frozen = Listen();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var connecting = AetherWorld.ConnectAsync(Options(), patience.Token);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    public void Dispose() => _folder.Dispose();

    private AetherWorldOptions Options() => new() { SocketPath = _folder.File("agent.sock"), Clock = _clock };

    // The kernel accepts connections for a process that does nothing, as for one stopped by SIGSTOP.
    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.File("agent.sock")));
        socket.Listen();
        return socket;
    }
}
