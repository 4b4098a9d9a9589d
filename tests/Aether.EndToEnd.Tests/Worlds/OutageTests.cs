using System.Globalization;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.V1;
using Aether.TestServers;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>PostgreSQL stops and returns while a world is under load.</summary>
public sealed class OutageTests(SharedCluster shared)
{
    private const int CommitsEach = 200;
    private const string Spec =
        """{"backendRef":{"name":"outage"},"wal":{"volume":{"persistentVolumeClaim":{"claimName":"log"}}}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fsync_keeps_going_Replicated_waits_and_nothing_acknowledged_is_lost()
    {
        var bed = await shared.StartedAsync();
        await using var postgres = new PostgresServer();
        await postgres.StartAsync(Token);
        await UseAsync(bed.Cluster, postgres);
        var world = await bed.ReadyWorldAsync(Spec);
        await world.Pods.ClaimAsync("log");
        await world.Pods.RunAsync(world.Pods.Of("pod"));
        using var agent = world.Pods.Agent("pod");
        var acknowledged = new List<string>();
        await CommitAsync(agent, "before", acknowledged);

        await postgres.StopAsync();
        await CommitAsync(agent, "during", acknowledged);
        var replicated = agent.PutAsync("replicated", "x", Durability.Replicated, Waiting.Step);
        await CommitAsync(agent, "still", acknowledged);
        var waited = !replicated.IsCompleted;
        await postgres.StartAsync(Token);
        await replicated;
        acknowledged.Add("replicated");
        await CommitAsync(agent, "after", acknowledged);
        await bed.Cluster.Node.LosePodAsync(world.Namespace, "pod");
        await world.Pods.RemoveAsync("pod");
        await world.Pods.RunAsync(world.Pods.Of("pod"));

        using var next = world.Pods.Agent("pod");
        Assert.True(waited);
        Assert.Empty(acknowledged.Except(await next.IdsAsync()));
    }

    private static async Task UseAsync(DevelopmentCluster cluster, PostgresServer postgres)
    {
        await new BackendManifests(cluster).ApplyAsync(
            "outage", Token, spec => spec["postgres"]!["port"] = postgres.Port);
        await cluster.Manifests.ApplyAsync(
            [BackendManifests.Secret("outage-postgres", postgres.AdminUsername, postgres.AdminPassword)], Token);
    }

    private static async Task CommitAsync(AgentClient agent, string phase, List<string> acknowledged)
    {
        var ids = Enumerable.Range(0, CommitsEach)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{phase}-{number}")).ToList();
        await Task.WhenAll(ids.Select(id => agent.PutAsync(id, "x", Durability.Fsync)));
        acknowledged.AddRange(ids);
    }
}
