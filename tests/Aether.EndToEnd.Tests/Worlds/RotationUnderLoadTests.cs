using System.Globalization;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Npgsql;
using StackExchange.Redis;
using Durability = Aether.Persistence.V1.Durability;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>
/// The credentials of a world and of its backend's administrators are replaced while the world commits.
/// </summary>
[Trait("Field", "F05")]
public sealed class RotationUnderLoadTests(SharedCluster shared) : IAsyncLifetime
{
    private const int Writers = 4;
    private const string Backend = "rotation";

    private readonly PostgresServer _postgres = new();
    private readonly RedisServer _redis = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        await Task.WhenAll(_postgres.StartAsync(Stop), _redis.StartAsync(Stop));

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Rotated_credentials_of_world_and_administrators_lose_no_commit_and_restart_no_agent()
    {
        var bed = await shared.StartedAsync();
        await UseAsync(bed.Cluster);
        var world = await bed.ReadyWorldAsync($$$"""{"backendRef":{"name":"{{{Backend}}}"}}""");
        var first = await world.SecretAsync();
        await world.Pods.RunAsync(world.Pods.Of("pod"));
        using var agent = world.Pods.Agent("pod");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var writing = Enumerable.Range(0, Writers).Select(writer => WriteAsync(agent, writer, over.Token)).ToList();

        await RotateAsync(bed, world, "first");
        await ReplaceAdministratorsAsync(bed.Cluster);
        await RotateAsync(bed, world, "second");
        await agent.PublishAsync("after.rotation");
        await agent.PutAsync("afterwards", "x", Durability.Replicated);
        await over.CancelAsync();
        var acknowledged = (await Task.WhenAll(writing)).SelectMany(ids => ids).Append("afterwards").ToList();
        bed.Cluster.Node.Pods.TryGet(world.Namespace, "pod", out var pod);
        await bed.Cluster.Node.LosePodAsync(world.Namespace, "pod");
        await world.Pods.RemoveAsync("pod");
        await world.Pods.RunAsync(world.Pods.Of("pod"));

        using var next = world.Pods.Agent("pod");
        var second = await world.SecretAsync();
        Assert.Equal(0, pod!.Container(AetherNames.AgentContainer)!.RestartCount);
        Assert.All(
            new[] { AetherVariables.PostgresPassword, AetherVariables.RedisPassword, AetherVariables.NatsCredentials },
            name => Assert.NotEqual(first.Data[name], second.Data[name]));
        Assert.All(Enumerable.Range(0, Writers), writer =>
            Assert.Contains(acknowledged, id => id.StartsWith($"{writer}-", StringComparison.Ordinal)));
        Assert.Empty(acknowledged.Except(await next.IdsAsync()));
    }

    private static async Task<List<string>> WriteAsync(AgentClient agent, int writer, CancellationToken over)
    {
        var acknowledged = new List<string>();
        while (!over.IsCancellationRequested)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{writer}-{acknowledged.Count}");
            await agent.PutAsync(id, "x", Durability.Replicated);
            acknowledged.Add(id);
        }

        return acknowledged;
    }

    private static async Task RotateAsync(TestBed bed, TestWorld world, string request)
    {
        await world.MergeAsync(
            $$$$"""{"metadata":{"annotations":{"{{{{AetherNames.Group}}}}/rotate-credentials":"{{{{request}}}}"}}}""");
        await bed.Cluster.Worlds.UntilAsync(
            worlds => worlds.FirstOrDefault(item => item.Metadata.Uid == world.Uid
                && (string?)item.Status?["credentials"]?["request"] == request
                && item.Status["credentials"]!["rotatingSince"] is null),
            $"the credentials of {world.Namespace} to be replaced for '{request}'",
            2 * Waiting.Step,
            Stop);
    }

    private async Task UseAsync(DevelopmentCluster cluster)
    {
        await new BackendManifests(cluster).ApplyAsync(Backend, Stop, spec =>
        {
            spec["postgres"]!["port"] = _postgres.Port;
            spec["redis"]!["endpoint"] = _redis.Endpoint;
        });
        await ApplySecretsAsync(cluster, _postgres.AdminPassword, _redis.AdminPassword);
    }

    private Task ApplySecretsAsync(DevelopmentCluster cluster, string postgres, string redis) =>
        cluster.Manifests.ApplyAsync(
            [
                BackendManifests.Secret($"{Backend}-postgres", _postgres.AdminUsername, postgres),
                BackendManifests.Secret($"{Backend}-redis", _redis.AdminUsername, redis),
            ],
            Stop);

    // From here on the servers accept only the new passwords; open sessions continue.
    private async Task ReplaceAdministratorsAsync(DevelopmentCluster cluster)
    {
        var (postgres, redis) = (Secrets.NewPassword(), Secrets.NewPassword());
        await using (var data = NpgsqlDataSource.Create(_postgres.AdminConnectionString))
            await data.CreateCommand($"ALTER ROLE \"{_postgres.AdminUsername}\" PASSWORD '{postgres}'")
                .ExecuteNonQueryAsync(Stop);
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { _redis.Endpoint },
            User = _redis.AdminUsername,
            Password = _redis.AdminPassword,
        }))
            await admin.GetDatabase().ExecuteAsync("ACL", "SETUSER", _redis.AdminUsername, "resetpass", $">{redis}");
        await ApplySecretsAsync(cluster, postgres, redis);
    }
}
