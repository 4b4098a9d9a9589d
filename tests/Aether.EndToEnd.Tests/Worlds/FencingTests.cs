using Aether.EndToEnd.Tests.Metrics;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers.Processes;
using Grpc.Core;
using Durability = Aether.Persistence.V1.Durability;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>Two pods of one world: the second writes only once the first may not.</summary>
public sealed class FencingTests(SharedCluster shared)
{
    private const int Fenced = 3;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_frozen_writer_is_succeeded_and_none_of_its_writes_is_stored_afterwards()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        await world.Pods.RunAsync(world.Pods.Of("first"));
        using var first = world.Pods.Agent("first");
        await first.PutAsync("a", "acknowledged", Durability.Replicated);
        await first.PublishAsync("test.first");
        var former = await first.StatusAsync();

        bed.Cluster.Node.Send(world.Namespace, "first", AetherNames.AgentContainer, UnixSignal.Stop);
        var lateCommit = first.PutAsync("a", "too late", Durability.Replicated, Waiting.Step);
        var lateEvent = first.PublishAsync("test.late", Waiting.Step);
        await world.Pods.RunAsync(world.Pods.Of("second"));
        using var second = world.Pods.Agent("second");
        await second.PutAsync("b", "of the second", Durability.Replicated);
        await second.PublishAsync("test.second");
        var present = await second.StatusAsync();
        var before = await StoresWithoutHeartbeatAsync(bed, world);

        bed.Cluster.Node.Send(world.Namespace, "first", AetherNames.AgentContainer, UnixSignal.Continue);
        var pod = await bed.Cluster.Node.Pods.PodAsync(
            world.Namespace, "first",
            item => item.Container(AetherNames.AgentContainer)?.LastState?.Terminated is not null
                || item.Container(AetherNames.AgentContainer)?.State.Terminated is not null,
            "with its agent ended");
        await Assert.ThrowsAsync<RpcException>(() => lateCommit);
        await Assert.ThrowsAsync<RpcException>(() => lateEvent);
        var seen = await ScrapeRestartedAgentAsync(bed, world);
        var after = await StoresWithoutHeartbeatAsync(bed, world);

        Assert.True(present.Epoch > former.Epoch);
        var agent = pod.Container(AetherNames.AgentContainer)!;
        Assert.Equal(Fenced, (agent.LastState?.Terminated ?? agent.State.Terminated).ExitCode);
        Assert.Equal((1, 1), (seen["aether_agent_fencings_total"], seen["aether_agent_phase{phase=\"Waiting\"}"]));
        Assert.Equal(before, after);
        Assert.Equal("acknowledged", await second.GetAsync("a"));
        Assert.Equal("of the second", await second.GetAsync("b"));
    }

    [Fact]
    public async Task A_second_pod_waits_as_long_as_the_first_pod_writes()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        await world.Pods.RunAsync(world.Pods.Of("first"));
        using var first = world.Pods.Agent("first");
        await world.Pods.CreateAsync(world.Pods.Of("second"));
        await bed.Cluster.Node.Pods.PodAsync(
            world.Namespace, "second",
            item => item.Container(AetherNames.AgentContainer)?.State.Running is not null,
            "with its agent started");

        for (var i = 0; i < 50; i++)
            await first.PutAsync($"{i}", "x", Durability.Replicated);
        bed.Cluster.Node.Pods.TryGet(world.Namespace, "second", out var waiting);
        await world.Pods.RemoveAsync("first", grace: 20);
        await world.Pods.RunningAsync("second");
        using var second = world.Pods.Agent("second");

        Assert.Null(waiting!.Container("world")!.State.Running);
        Assert.Equal("x", await second.GetAsync("49"));
    }

    // The fenced agent is gone; the scrape finds the agent that was started in its place and waits.
    private static async Task<IReadOnlyDictionary<string, double>> ScrapeRestartedAgentAsync(
        TestBed bed, TestWorld world)
    {
        var pod = await bed.Cluster.Node.Pods.PodAsync(
            world.Namespace, "first",
            item => item.Container(AetherNames.AgentContainer) is { RestartCount: > 0, State.Running: not null },
            "with its agent restarted");
        using var deadline = new CancellationTokenSource(Waiting.Step, TimeProvider.System);
        while (true)
        {
            var samples = (await Scrape.FromAgentAsync(pod, deadline.Token)).Samples;
            if (samples["aether_agent_phase{phase=\"Starting\"}"] == 0)
                return samples;
            await Task.Delay(Look, TimeProvider.System, deadline.Token);
        }
    }

    // The second writer rightly renews its lease in this row; its epoch and holder are compared nevertheless.
    private static async Task<IReadOnlyList<string>> StoresWithoutHeartbeatAsync(TestBed bed, TestWorld world)
    {
        var rest = (await world.ContentsAsync()).Stores
            .Where(line => !line.StartsWith("rows of \"world\":", StringComparison.Ordinal));
        var writer = await bed.Stores.QueryAsync(
            $"""SELECT epoch || ' ' || holder FROM "{world.Names.Schema}".world""",
            TestContext.Current.CancellationToken);
        return [.. rest, writer];
    }
}
