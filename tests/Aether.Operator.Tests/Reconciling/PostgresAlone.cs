using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Backends without optional stores, and worlds on them.</summary>
internal sealed class PostgresAlone(Cluster cluster)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A backend with only PostgreSQL.</summary>
    public async Task<string> BackendAsync()
    {
        var name = $"alone-{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name, spec => (spec.Redis, spec.Nats) = (null, null));
        return name;
    }

    /// <summary>A backend with all three stores, which can be removed.</summary>
    public async Task<string> CompleteBackendAsync()
    {
        var name = $"complete-{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name);
        return name;
    }

    public Task RemoveStoresAsync(string backend) =>
        cluster.PatchBackendAsync(backend, """{"spec":{"redis":null,"nats":null}}""");

    public Task AddStoresAsync(string backend) => cluster.PatchBackendAsync(backend, $$$"""
        {"spec":{
          "redis":{"endpoint":"{{{cluster.Redis.Endpoint}}}","adminSecretRef":{"name":"{{{Backends.RedisAdmin}}}"} },
          "nats":{"urls":["{{{cluster.Nats.Url}}}"],"credentialsSecretRef":{"name":"{{{Backends.NatsAdmin}}}"},
            "sharedCredentials":true} } }
        """);

    public async Task<WorldPersistence> WorldAsync(string backend, string more = "") => await cluster.CreateWorldAsync(
        await cluster.NewNamespaceAsync(), "arena", $$$"""{"backendRef":{"name":"{{{backend}}}" }{{{more}}} }""");

    public async Task<WorldPersistence> WaitAbsentAsync(WorldPersistence world, StoreName store) =>
        await cluster.WaitReasonAsync(world, store.Condition, nameof(StoreReason.NotInBackend));

    public async Task<V1Secret?> SecretAsync(WorldPersistence world) =>
        await cluster.Objects.TryGetAsync<V1Secret>(
            new ObjectKey(world.Metadata.NamespaceProperty, world.Status.Stores!.SecretName), Stop);

    /// <summary>Names of the settings in the world's Secret.</summary>
    public async Task<IReadOnlyCollection<string>> SettingsAsync(WorldPersistence world) =>
        [.. (await SecretAsync(world))!.Data.Keys];

    /// <summary>Whether PostgreSQL has the world's schema.</summary>
    public async Task<bool> HasSchemaAsync(WorldPersistence world)
    {
        await using var admin = Npgsql.NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"SELECT count(*) FROM pg_namespace WHERE nspname = '{world.Status.Stores!.Schema}'");
        return (long)(await command.ExecuteScalarAsync(Stop))! == 1;
    }

    /// <summary>The whole content of the Secret as text.</summary>
    public static string Text(V1Secret secret) => string.Join('\n', secret.Data
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .Select(entry => $"{entry.Key}={Encoding.UTF8.GetString(entry.Value)}"));
}
