using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using k8s;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>An unusable backend reports which store is the cause and why, and never a password.</summary>
public sealed class BackendTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("postgres", "adminSecretRef", "PostgresReady", "spec.postgres.adminSecretRef")]
    [InlineData("redis", "adminSecretRef", "RedisReady", "spec.redis.adminSecretRef")]
    [InlineData("nats", "credentialsSecretRef", "NatsReady", "spec.nats.credentialsSecretRef")]
    public async Task A_wrong_password_is_named_by_its_Secret_and_never_shown(
        string store, string reference, string condition, string place)
    {
        var bed = await shared.StartedAsync();
        var password = $"wrong{Guid.NewGuid():N}";
        var world = await bed.NewWorldAsync();
        var secret = $"{world.Namespace}-wrong";
        await bed.Cluster.Manifests.ApplyAsync(BackendManifests.Secret(secret, UserOf(bed, store), password), Stop);
        await BackendAsync(bed, world, spec => spec[store]![reference]!["name"] = secret);

        await world.ApplyAsync(SpecOn(world));

        var failed = await world.UntilAsync(condition, "False", "AuthenticationFailed");
        Assert.Contains(place, failed.Condition(condition)!.Message);
        // A world with a log does not use Redis and is ready without it.
        if (store != "redis")
            await world.UntilAsync("Ready", "False", "StoresNotReady");
        await world.EventAsync("StoreNotReady", "AuthenticationFailed");
        await NowhereAsync(bed, [password, .. AdminPasswords(bed)]);
    }

    [Theory]
    [InlineData("postgres", "PostgresReady")]
    [InlineData("redis", "RedisReady")]
    [InlineData("nats", "NatsReady")]
    public async Task A_wrong_address_is_named_and_the_other_stores_are_provisioned(string store, string condition)
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        var port = FreePort.Next();
        await BackendAsync(bed, world, spec => Readdress(spec[store]!, port));

        await world.ApplyAsync(SpecOn(world));

        var failed = await world.UntilAsync(condition, "Unknown", "Unreachable");
        Assert.Contains($"127.0.0.1:{port}", failed.Condition(condition)!.Message);
        // Before PostgreSQL has answered, it is unknown whether the world is new, so nothing is created in any store.
        foreach (var other in new[] { "PostgresReady", "RedisReady", "NatsReady" }.Except([condition]))
        {
            Assert.Equal(store == "postgres", failed.Condition(other)?.Reason == "AwaitingPostgres");
            Assert.Equal(store != "postgres", failed.Condition(other)?.IsTrue);
        }

        await NowhereAsync(bed, AdminPasswords(bed));
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_named()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await BackendAsync(bed, world, spec => spec["postgres"]!["host"] = "no-such-host.invalid");

        await world.ApplyAsync(SpecOn(world));

        var failed = await world.UntilAsync("PostgresReady", "Unknown", "Unreachable");
        Assert.Contains("no-such-host.invalid", failed.Condition("PostgresReady")!.Message);
    }

    [Fact]
    public async Task A_missing_secret_is_named_and_its_creation_is_enough()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        var secret = $"{world.Namespace}-late";
        await BackendAsync(bed, world, spec => spec["redis"]!["adminSecretRef"]!["name"] = secret);
        await world.ApplyAsync(SpecOn(world));
        var failed = await world.UntilAsync("Ready", "False", "SecretNotFound");
        Assert.Contains($"'aether-system/{secret}'", failed.Condition("Ready")!.Message);
        Assert.Contains("spec.redis.adminSecretRef", failed.Condition("Ready")!.Message);

        await bed.Cluster.Manifests.ApplyAsync(
            BackendManifests.Secret(secret, bed.Cluster.Redis.AdminUsername, bed.Cluster.Redis.AdminPassword), Stop);

        await world.ReadyAsync();
    }

    [Fact]
    public async Task A_namespace_that_the_backend_does_not_allow_gets_nothing()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await BackendAsync(bed, world, spec => spec["allowedNamespaces"] = new JsonArray("elsewhere"));

        await world.ApplyAsync(SpecOn(world));

        var refused = await world.UntilAsync("Ready", "False", "NamespaceNotAllowed");
        Assert.Contains($"'{world.Namespace}'", refused.Condition("Ready")!.Message);
        Assert.Empty((await world.ContentsAsync()).All);
    }

    [Fact]
    public async Task A_backend_that_does_not_exist_is_named_and_its_creation_is_enough()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await world.ApplyAsync(SpecOn(world));
        var failed = await world.UntilAsync("Ready", "False", "BackendNotFound");
        Assert.Contains($"'{world.Namespace}'", failed.Condition("Ready")!.Message);

        await BackendAsync(bed, world, _ => { });

        await world.ReadyAsync();
    }

    private static string SpecOn(TestWorld world) => $$$"""{"backendRef":{"name":"{{{world.Namespace}}}"}}""";

    // Named after the test's namespace, because backends have none.
    private static Task BackendAsync(TestBed bed, TestWorld world, Action<JsonObject> change) =>
        new BackendManifests(bed.Cluster).ApplyAsync(world.Namespace, Stop, change);

    private static void Readdress(JsonNode store, int port)
    {
        if (store["port"] is not null)
            store["port"] = port;
        else if (store["endpoint"] is not null)
            store["endpoint"] = $"127.0.0.1:{port}";
        else
            store["urls"] = new JsonArray($"nats://127.0.0.1:{port}");
    }

    private static string UserOf(TestBed bed, string store) => store switch
    {
        "postgres" => bed.Cluster.Postgres.AdminUsername,
        "redis" => bed.Cluster.Redis.AdminUsername,
        _ => "nobody",
    };

    private static string[] AdminPasswords(TestBed bed) =>
    [
        bed.Cluster.Postgres.AdminPassword, bed.Cluster.Redis.AdminPassword,
        bed.Cluster.NatsOperator.AdminSeed, bed.Cluster.NatsOperator.SigningSeed,
    ];

    // Checks all worlds, backends and events of the cluster and the whole log, which include everything that this test
    // caused.
    private static async Task NowhereAsync(TestBed bed, IReadOnlyList<string> secrets)
    {
        var backends = await bed.Client.CustomObjects.ListClusterCustomObjectAsync(
            AetherNames.Group, "v1alpha1", "persistencebackends", cancellationToken: Stop);
        string[] texts =
        [
            KubernetesJson.Serialize(backends),
            KubernetesJson.Serialize(bed.Cluster.Worlds.Items),
            KubernetesJson.Serialize(bed.Cluster.Events.Items),
            await OpenFiles.ReadAsync(bed.Cluster.Operator.LogFile, Stop),
        ];
        Assert.All(texts, text => Assert.True(text.Length > 100));
        Assert.All(secrets, secret => Assert.DoesNotContain(texts, text =>
            text.Contains(secret, StringComparison.Ordinal)));
    }
}
