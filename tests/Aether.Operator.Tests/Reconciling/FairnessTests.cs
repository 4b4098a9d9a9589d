using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Tests.Reconciling;

public sealed class FairnessTests(BlockableCluster cluster) : IClassFixture<BlockableCluster>
{
    [Fact]
    public async Task Worlds_on_a_backend_that_cannot_be_reached_do_not_delay_worlds_on_another()
    {
        await cluster.CreateBackendAsync(
            "unreachable", spec => spec.Postgres.Host = BlockableStoreProvisioner.UnreachableHost);
        var @namespace = await cluster.NewNamespaceAsync();
        var first = await CreateUnreachableAsync(@namespace, "first");
        await cluster.WaitReasonAsync(first, StoreName.Postgres.Condition, nameof(StoreReason.Unreachable));
        await cluster.WaitBackendAsync("unreachable", "False");

        cluster.Store.Hold();
        await cluster.Store.Waiting;
        var more = await Task.WhenAll(Enumerable.Range(0, 2 * new OperatorOptions().Workers)
            .Select(number => CreateUnreachableAsync(@namespace, $"unreachable-{number}")));
        var there = await cluster.CreateWorldAsync(@namespace, "there", "{}");
        await cluster.WaitReadyAsync(there);
        foreach (var world in more)
            await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.StoresNotReady));

        Assert.Equal(1, cluster.Store.MostWaiting);
        cluster.Store.Release();
        foreach (var world in more.Append(first))
            await cluster.WaitReadyAsync(world);
    }

    private Task<WorldPersistence> CreateUnreachableAsync(string @namespace, string name) =>
        cluster.CreateWorldAsync(@namespace, name, """{"backendRef":{"name":"unreachable"}}""");
}
