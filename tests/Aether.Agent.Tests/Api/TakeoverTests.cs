using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.Persistence.V1;
using Aether.TestServers;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

/// <summary>
/// Two agents for one local world. It has no log, so they share only lease and snapshots: with a log, the second agent
/// would refuse the volume before it asked for the lease.
/// </summary>
public sealed class TakeoverTests : IDisposable
{
    private readonly TemporaryFolder _world = new("world");
    private readonly TemporaryFolder _first = new("first");
    private readonly TemporaryFolder _second = new("second");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_that_waits_for_its_predecessor_is_alive_and_not_ready_and_names_it()
    {
        await using var first = await StartServingAsync(_first);
        await using var second = await StartAsync(_second);
        await ReachAsync(second, "Waiting");

        var alive = await second.Endpoints.Health.GetAsync("healthz", Cancellation);
        var ready = await second.Endpoints.Health.GetAsync("readyz", Cancellation);
        var report = await ready.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var read = await Assert.ThrowsAsync<RpcException>(async () => await second.Endpoints.Grpc.GetAsync(
            new GetRequest { Key = new StateKey { Kind = "k", Id = "1" } }, cancellationToken: Cancellation));

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("first", report.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unavailable, read.StatusCode);
        Assert.Contains("Waiting", read.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_waiting_agent_takes_over_once_its_predecessor_has_stopped()
    {
        await using var first = await StartServingAsync(_first);
        await using (var client = await first.Endpoints.ConnectAsync())
            await client.CommitAsync(new WorldCommit().Put(new("k", "1"), new byte[] { 1 }), Cancellation);
        await using var second = await StartAsync(_second);
        await ReachAsync(second, "Waiting");

        Assert.Equal(ExitCode.Stopped, await first.StopAsync());
        await using var world = await second.Endpoints.ConnectAsync();
        var status = await world.StatusAsync(Cancellation);

        Assert.Equal((2UL, 1UL), (status.Epoch, status.Sequence));
    }

    [Fact]
    public async Task A_volume_that_another_agent_has_open_is_refused()
    {
        await using var first = await LocalAgent.StartAsync(_world.Path);
        await using (await first.Endpoints.ConnectAsync())
        {
            await using var second = await LocalAgent.StartAsync(_world.Path, Sockets(_second));

            Assert.Equal(ExitCode.BadConfiguration, await second.Ended);
        }
    }

    public void Dispose()
    {
        _world.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    private static (string, string)[] Sockets(TemporaryFolder sockets) =>
    [
        (AetherVariables.Socket, sockets.File("agent.sock")),
        (AetherVariables.HttpSocket, sockets.File("http.sock")),
        (AetherVariables.Holder, Path.GetFileName(sockets.Path)),
    ];

    private static async Task ReachAsync(LocalAgent agent, string phase)
    {
        while (true)
        {
            var report = await agent.Endpoints.Health.GetFromJsonAsync<JsonElement>("healthz", Cancellation);
            if (report.GetProperty("phase").GetString() == phase)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancellation);
        }
    }

    private async Task<LocalAgent> StartServingAsync(TemporaryFolder sockets)
    {
        var agent = await StartAsync(sockets);
        await ReachAsync(agent, "Running");
        return agent;
    }

    private Task<LocalAgent> StartAsync(TemporaryFolder sockets) => LocalAgent.StartAsync(
        _world.Path, [.. Sockets(sockets), (AetherVariables.WalEnabled, "false")]);
}
