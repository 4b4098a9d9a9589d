using Aether.ControllerRuntime;
using Aether.Operator.Kinds;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>A backend's <c>spec.maxWorlds</c>.</summary>
public sealed class MaxWorldsTests(BlockableCluster cluster) : IClassFixture<BlockableCluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worlds_beyond_the_limit_of_their_backend_wait_for_room_and_keep_their_stores_when_it_is_lowered()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        await cluster.CreateBackendAsync("small", spec => spec.MaxWorlds = 2);
        var worlds = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => cluster.CreateWorldAsync(
            @namespace, $"w{number}", """{"backendRef":{"name":"small"}}""")));

        worlds = await Task.WhenAll(worlds.Select(world => cluster.WaitAsync(world, IsJudged)));
        var ready = worlds.Where(IsReady).ToList();
        var full = worlds.Except(ready).ToList();
        await cluster.PatchBackendAsync("small", """{"spec":{"maxWorlds":1}}""");
        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(ready[0]), null, Stop);
        await cluster.WaitGoneAsync(ready[0]);
        var kept = await cluster.WaitReadyAsync(ready[1]);
        await cluster.PatchBackendAsync("small", """{"spec":{"maxWorlds":3}}""");

        Assert.Equal(2, ready.Count);
        Assert.NotNull(kept.Status.Stores);
        Assert.All(full, world => Assert.Null(world.Status.Stores));
        Assert.All(full, world => Assert.Contains(
            "'small' is full: its spec.maxWorlds is 2", Ready(world).Message, StringComparison.Ordinal));
        foreach (var world in full)
            await cluster.WaitReadyAsync(world);
    }

    private static bool IsJudged(WorldPersistence world) =>
        IsReady(world) || Ready(world).Reason == nameof(WorldReason.BackendFull);

    private static bool IsReady(WorldPersistence world) => Ready(world).Status == "True";

    private static k8s.Models.V1Condition Ready(WorldPersistence world) =>
        Cluster.Condition(world, WorldConditions.Ready)!;
}
