using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Two operators on one API server: one for shard "east", and one for everything without a shard.</summary>
public sealed class ShardTests(BlockableCluster cluster) : IClassFixture<BlockableCluster>
{
    private const string East = "east";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_operator_serves_the_backends_and_worlds_of_its_shard_only()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        var labelled = await cluster.CreateBackendAsync(East);
        await LabelAsync<PersistenceBackend>(ObjectKey.Of(labelled), East);
        var here = await CreateAsync(@namespace, "here", Cluster.Backend, shard: null);
        var inEast = await CreateAsync(@namespace, "in-east", East, East);
        var mixed = await CreateAsync(@namespace, "mixed", Cluster.Backend, East);
        var unlabelled = await CreateAsync(@namespace, "unlabelled", East, shard: null);

        await cluster.WaitReadyAsync(here);
        unlabelled = await cluster.WaitReasonAsync(unlabelled, WorldConditions.Ready, nameof(WorldReason.OtherShard));
        var before = await cluster.Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(inEast), Stop);
        var shard = await cluster.StartShardAsync(East);
        try
        {
            await cluster.WaitReadyAsync(inEast);
            mixed = await cluster.WaitReasonAsync(mixed, WorldConditions.Ready, nameof(WorldReason.OtherShard));
            await LabelAsync<WorldPersistence>(ObjectKey.Of(unlabelled), East);
            await cluster.WaitReadyAsync(unlabelled);
        }
        finally
        {
            await shard.StopAsync(Stop);
            shard.Dispose();
        }

        Assert.Equal(-1, before!.Status.ObservedGeneration);
        Assert.Null(mixed.Status.Stores);
        Assert.Contains(
            "'default' belongs to no shard, and this world to shard 'east'", Message(mixed), StringComparison.Ordinal);
    }

    private async Task<WorldPersistence> CreateAsync(string @namespace, string name, string backend, string? shard) =>
        await cluster.Objects.CreateAsync(
            new WorldPersistence
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = @namespace,
                    Labels = shard is null
                        ? null
                        : new Dictionary<string, string> { [OperatorNames.ShardLabel] = shard },
                },
                Spec = { BackendRef = { Name = backend } },
            },
            Stop);

    private Task<T> LabelAsync<T>(ObjectKey key, string shard)
        where T : class, IKubernetesObject<V1ObjectMeta> => cluster.Objects.MergeAsync<T>(
            key,
            new()
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = new JsonObject { [OperatorNames.ShardLabel] = shard },
                },
            },
            Stop);

    private static string Message(WorldPersistence world) =>
        Cluster.Condition(world, WorldConditions.Ready)!.Message;
}
