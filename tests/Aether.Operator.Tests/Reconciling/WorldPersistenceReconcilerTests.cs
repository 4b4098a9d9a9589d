using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;
using NATS.Client.JetStream;
using Npgsql;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Reconciling;

public sealed partial class WorldPersistenceReconcilerTests(Cluster cluster) : IClassFixture<Cluster>
{
    private const string Paused = """{"paused":true}""";
    private static readonly string[] Conditions = ["NatsReady", "PostgresReady", "Ready", "RedisReady"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applied_world_becomes_ready_with_working_credentials()
    {
        var world = await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", "{}");

        world = await cluster.WaitReadyAsync(world);

        var settings = await SettingsAsync(world);
        Assert.Equal(Conditions, world.Status.Conditions!.Select(condition => condition.Type).Order());
        Assert.Equal(("Ready", "Fsync"), (world.Status.Phase, world.Status.Profile!.DefaultDurability));
        Assert.Equal(world.Metadata.Uid, settings[AetherVariables.WorldUid]);
        await using var own = OwnDatabase(settings);
        Assert.Equal(1L, await own.CreateCommand("SELECT count(*) FROM world").ExecuteScalarAsync(Stop));
        await using var redis = await StoreClients.ConnectAsync(
            settings[AetherVariables.RedisEndpoint],
            settings[AetherVariables.RedisUsername],
            settings[AetherVariables.RedisPassword]);
        Assert.True(await redis.GetDatabase().StringSetAsync(settings[AetherVariables.RedisKeyPrefix] + "a", "1"));
        await cluster.WaitEventAsync(world, WorldEvents.StoreReady, "PostgreSQL");
    }

    [Fact]
    public async Task Dropped_objects_are_recreated_and_reported()
    {
        var world = await ReadyWorldAsync();
        var stores = world.Status.Stores!;
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var redis = await StoreClients.ConnectAsync(cluster.Redis);
        await using var nats = StoreClients.Connect(cluster.Nats);

        await admin.CreateCommand($"REVOKE INSERT ON \"{stores.Schema}\".journal_blocks FROM \"{stores.Role}\"")
            .ExecuteNonQueryAsync(Stop);
        await redis.GetDatabase().ExecuteAsync("ACL", "DELUSER", stores.RedisUser);
        await new NatsJSContext(nats).DeleteStreamAsync(stores.EventStream, Stop);

        await cluster.WaitEventAsync(world, WorldEvents.DriftRepaired, "INSERT on table");
        await cluster.WaitEventAsync(world, WorldEvents.DriftRepaired, $"user {stores.RedisUser} is missing");
        await cluster.WaitEventAsync(world, WorldEvents.DriftRepaired, $"stream {stores.EventStream} is missing");
        await cluster.WaitReadyAsync(world);
        await using var own = OwnDatabase(await SettingsAsync(world));
        await own.CreateCommand("INSERT INTO journal_blocks SELECT * FROM journal_blocks").ExecuteNonQueryAsync(Stop);
        Assert.False((await redis.GetDatabase().ExecuteAsync("ACL", "GETUSER", stores.RedisUser)).IsNull);
        await new NatsJSContext(nats).GetStreamAsync(stores.EventStream, cancellationToken: Stop);
    }

    [Fact]
    [Trait("Field", "F33")]
    public async Task Stream_that_reserves_more_than_it_holds_releases_it_without_counting_as_drift()
    {
        var world = await ReadyWorldAsync();
        var stream = world.Status.Stores!.EventStream;
        await using var nats = StoreClients.Connect(cluster.Nats);
        var jetStream = new NatsJSContext(nats);
        var config = (await jetStream.GetStreamAsync(stream, cancellationToken: Stop)).Info.Config;
        config.MaxBytes = ByteSize.Parse(new EventsSpec().MaxBytes);
        await jetStream.UpdateStreamAsync(config, Stop);

        await Cluster.PollAsync(
            async () => (await jetStream.GetStreamAsync(stream, cancellationToken: Stop)).Info.Config.MaxBytes < 0
                ? "released" : null,
            () => $"stream {stream} still reserves its limit");

        await WaitReconcileAsync(world);
        await cluster.WaitReadyAsync(world);
        Assert.DoesNotContain(
            await cluster.EventsAsync(world), happened => happened.Reason == WorldEvents.DriftRepaired);
    }

    [Fact]
    public async Task A_Secret_that_the_API_server_refuses_is_reported_until_it_is_accepted()
    {
        var world = await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", "{}");
        world = await cluster.WaitReadyAsync(world);
        var secret = (await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop))!;
        secret.Data.Remove(AetherVariables.LogLevel);
        secret.Immutable = true;
        await cluster.Objects.ReplaceAsync(secret, Stop);

        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.SecretRefused));
        var message = Cluster.Condition(world, WorldConditions.Ready)!.Message;
        await cluster.Objects.DeleteAsync<V1Secret>(SecretOf(world), null, Stop);

        await cluster.WaitReadyAsync(world);
        Assert.Contains(world.Status.Stores!.SecretName, message, StringComparison.Ordinal);
        Assert.Contains("immutable", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_Secret_is_recreated_with_working_credentials()
    {
        var world = await ReadyWorldAsync();
        var before = await SettingsAsync(world);

        await cluster.Objects.DeleteAsync<V1Secret>(SecretOf(world), null, Stop);
        await cluster.PollUntilAsync<V1Secret>(SecretOf(world));

        var after = await SettingsAsync(world);
        Assert.NotEqual(before[AetherVariables.PostgresPassword], after[AetherVariables.PostgresPassword]);
        await cluster.WaitEventAsync(
            world, WorldEvents.DriftRepaired, $"role \"{world.Status.Stores!.Role}\" has another password");
        await using var own = OwnDatabase(after);
        Assert.Equal(1L, await own.CreateCommand("SELECT count(*) FROM world").ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task Idle_worlds_cause_no_request_to_the_API_and_no_write_to_a_store()
    {
        var worlds = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ReadyWorldAsync()));
        var namespaces = worlds.Select(world => world.Metadata.NamespaceProperty).ToHashSet();
        await CalmAsync(namespaces);
        var audited = AuditLines().Count;
        var logged = (await ServerLogs.ReadAsync(cluster.Postgres, Stop)).Length;

        await Task.Delay(Cluster.Survey * 6, TimeProvider.System, Stop);

        var requests = AuditLines().Skip(audited).Where(line => namespaces.Any(line.Contains)).ToList();
        var statements = (await ServerLogs.ReadAsync(cluster.Postgres, Stop)).Skip(logged).ToList();
        Assert.Empty(requests);
        Assert.Contains(statements, line => line.Contains("SELECT", StringComparison.Ordinal));
        Assert.DoesNotContain(statements, line => worlds.Any(world => line.Contains(world.Status.Stores!.Schema))
            && Writes.Any(verb => line.Contains(verb, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Unavailable_store_does_not_affect_the_others_and_recovers_with_its_backend()
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name, spec => spec.Redis!.Endpoint = "127.0.0.1:1");
        var world = await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", $$$"""{"backendRef":{"name":"{{{name}}}"}}""");

        world = await cluster.WaitAsync(world, current =>
            Cluster.Condition(current, "RedisReady")?.Reason == nameof(StoreReason.Unreachable)
            && Cluster.Condition(current, "PostgresReady")?.Status == "True");
        await cluster.PatchBackendAsync(
            name, $$$$"""{"spec":{"redis":{"endpoint":"{{{{cluster.Redis.Endpoint}}}}"}}}""");

        Assert.Contains("127.0.0.1:1", Cluster.Condition(world, "RedisReady")!.Message, StringComparison.Ordinal);
        Assert.Equal("Unknown", Cluster.Condition(world, "RedisReady")!.Status);
        Assert.Equal("True", Cluster.Condition(world, "NatsReady")!.Status);
        await cluster.WaitReadyAsync(world);
        await cluster.WaitEventAsync(world, WorldEvents.StoreReady, "Redis");
        Assert.DoesNotContain(await cluster.EventsAsync(world), item => item.Reason == WorldEvents.DriftRepaired);
    }

    [Fact]
    public async Task Wrong_credentials_are_named_without_being_shown()
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateSecretAsync("aether-system", name,
            ("username", "postgres"), ("password", "hush-hush-hush"));
        await cluster.CreateBackendAsync(name, spec => spec.Postgres.AdminSecretRef.Name = name);

        var world = await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", $$$"""{"backendRef":{"name":"{{{name}}}"}}""");
        world = await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.AuthenticationFailed));

        Assert.DoesNotContain("hush-hush-hush", KubernetesJson.Serialize(world.Status), StringComparison.Ordinal);
        Assert.Contains("adminSecretRef", Cluster.Condition(world, "PostgresReady")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_backend_Secret_or_permission_is_named_and_retried()
    {
        var name = $"b{Guid.NewGuid():N}";
        var @namespace = await cluster.NewNamespaceAsync();
        var world = await cluster.CreateWorldAsync(@namespace, "arena", $$$"""{"backendRef":{"name":"{{{name}}}"}}""");

        await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.BackendNotFound));
        await cluster.CreateBackendAsync(name, spec =>
        {
            spec.AllowedNamespaces = ["elsewhere"];
            spec.Postgres.AdminSecretRef.Name = name;
        });
        await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.NamespaceNotAllowed));
        await cluster.PatchBackendAsync(name, $$$"""{"spec":{"allowedNamespaces":["{{{@namespace}}}"]}}""");
        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.SecretNotFound));
        await cluster.CreateSecretAsync("aether-system", name,
            ("username", cluster.Postgres.AdminUsername), ("password", cluster.Postgres.AdminPassword));

        Assert.Contains(
            $"aether-system/{name}",
            Cluster.Condition(world, WorldConditions.Ready)!.Message,
            StringComparison.Ordinal);
        await cluster.WaitReadyAsync(world);
    }

    [Fact]
    public async Task Paused_world_is_not_touched()
    {
        var world = await ReadyWorldAsync();
        await cluster.PatchWorldAsync(world, """{"spec":{"paused":true}}""");
        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.Paused));
        await using var nats = StoreClients.Connect(cluster.Nats);
        await new NatsJSContext(nats).DeleteStreamAsync(world.Status.Stores!.EventStream, Stop);
        await Task.Delay(Cluster.Survey * 3, TimeProvider.System, Stop);

        await Assert.ThrowsAsync<NatsJSApiException>(async () =>
            await new NatsJSContext(nats).GetStreamAsync(world.Status.Stores.EventStream, cancellationToken: Stop));
        await cluster.PatchWorldAsync(world, """{"spec":{"paused":false}}""");
        await cluster.WaitReadyAsync(world);
        await new NatsJSContext(nats).GetStreamAsync(world.Status.Stores.EventStream, cancellationToken: Stop);
    }

    [Fact]
    public async Task Backend_reports_whether_its_stores_answer()
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name, spec => spec.Nats!.Urls = ["nats://127.0.0.1:1"]);

        var bad = await cluster.WaitBackendAsync(name, "False");
        await cluster.PatchBackendAsync(name, $$$$"""{"spec":{"nats":{"urls":["{{{{cluster.Nats.Url}}}}"]}}}""");
        var good = await cluster.WaitBackendAsync(name, "True");

        Assert.Equal(nameof(StoreReason.Unreachable), bad.Status.Conditions!.Single(c => c.Type == "NatsReady").Reason);
        Assert.Equal("True", bad.Status.Conditions!.Single(c => c.Type == "PostgresReady").Status);
        Assert.Equal(good.Metadata.Generation, good.Status.ObservedGeneration);
    }

    private static string[] Writes =>
        ["CREATE", "ALTER", "GRANT ", "REVOKE", "COMMENT ON", "INSERT", "UPDATE ", "DELETE ", "DROP"];

    private async Task<WorldPersistence> ReadyWorldAsync(string spec = "{}") =>
        await cluster.WaitReadyAsync(await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", spec));

    private async Task AnnotateAsync(WorldPersistence world, string name, string? value)
    {
        var annotations = new JsonObject { [name] = value };
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        await cluster.PatchWorldAsync(world, patch.ToJsonString());
    }

    private static ObjectKey SecretOf(WorldPersistence world) =>
        new(world.Metadata.NamespaceProperty, world.Status.Stores!.SecretName);

    private async Task<Dictionary<string, string>> SettingsAsync(WorldPersistence world)
    {
        var secret = await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop);
        return secret!.Data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(entry.Value));
    }

    private static NpgsqlDataSource OwnDatabase(Dictionary<string, string> settings) => NpgsqlDataSource.Create(
        $"Host={settings[AetherVariables.PostgresHost]};Port={settings[AetherVariables.PostgresPort]};"
        + $"Database={settings[AetherVariables.PostgresDatabase]};"
        + $"Username={settings[AetherVariables.PostgresUsername]};"
        + $"Password={settings[AetherVariables.PostgresPassword]};Pooling=false");

    // Waits for a reconcile of the world that begins after the call.
    private static async Task WaitReconcileAsync(WorldPersistence world)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ReconcileScope.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.GetTagItem("k8s.namespace.name") is string name && name == world.Metadata.NamespaceProperty)
                    ended.TrySetResult();
            },
        };
        ActivitySource.AddActivityListener(listener);
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Stop);
    }

    private static bool IsWrite(string auditLine) =>
        (string)JsonNode.Parse(auditLine)!["verb"]! is not ("get" or "list" or "watch");

    // On a busy machine, writes from a world's becoming ready, including events, may arrive late.
    private async Task CalmAsync(IReadOnlySet<string> namespaces)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, Stop);
        for (var written = -1; written != Written();)
        {
            written = Written();
            await Task.Delay(Cluster.Survey * 2, TimeProvider.System, either.Token);
        }

        int Written() => AuditLines().Count(line => namespaces.Any(line.Contains) && IsWrite(line));
    }

    private List<string> AuditLines()
    {
        using var file = new FileStream(cluster.AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
