using Aether.Operator.Kinds;
using Aether.Operator.Tests.Reconciling;
using Aether.TestServers;

namespace Aether.Operator.Tests.LiveStatus;

/// <summary>The live status of a world whose backend loses NATS and gets it again.</summary>
public sealed class ReportChannelTests(Cluster cluster) : IClassFixture<Cluster>
{
    private readonly PostgresAlone _alone = new(cluster);

    [Fact]
    public async Task The_status_follows_a_running_agent_from_NATS_to_PostgreSQL_and_back()
    {
        var backend = await _alone.CompleteBackendAsync();
        var world = await cluster.WaitReadyAsync(await _alone.WorldAsync(backend));
        using var volume = new TemporaryFolder("channel");
        await using var agent = await WorldAgent.StartAsync((await _alone.SecretAsync(world))!, volume.Path, "arena-0");
        await cluster.WaitAsync(world, current => current.Status.Phase == "Running");

        await _alone.RemoveStoresAsync(backend);
        await WaitChannelAsync(world, ReportChannel.Postgres);
        await agent.ConfigureAsync((await _alone.SecretAsync(world))!);
        var unreachable = await cluster.WaitAsync(world, current => current.Status.Agents?.Outdated == 1);
        await _alone.AddStoresAsync(backend);
        await WaitChannelAsync(world, ReportChannel.Nats);
        await agent.ConfigureAsync((await _alone.SecretAsync(world))!);
        var back = await cluster.WaitAsync(world, current => current.Status.Agents?.Outdated == 0);

        Assert.Equal(("Running", "arena-0"), (unreachable.Status.Phase, unreachable.Status.Holder));
        Assert.Equal(("Running", "arena-0"), (back.Status.Phase, back.Status.Holder));
        Assert.DoesNotContain(
            await cluster.EventsAsync(world), happened => happened.Reason == WorldEvents.AgentSilent);
    }

    private Task<WorldPersistence> WaitChannelAsync(WorldPersistence world, ReportChannel channel) =>
        cluster.WaitAsync(world, current => current.Status.Stores!.ReportChannel == channel.ToString());
}
