using System.Text.Json.Nodes;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Nodes;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Chart.Tests.Releases;

/// <summary>A cluster for one release, and stores for its backend beside it.</summary>
public sealed class ReleaseCluster : HelmCluster
{
    /// <summary>An image that does nothing until it is stopped.</summary>
    internal const string IdleImage = "idle:test";

    private static readonly TimeSpan AuditPoll = TimeSpan.FromMilliseconds(50);

    private ObjectCache<CustomObject, CustomObjectList>? _worlds;

    internal PostgresServer Postgres { get; } = new();

    internal RedisServer Redis { get; } = new();

    internal NatsServer Nats { get; } = new();

    internal HelmChart Chart { get; } = new();

    public override async ValueTask InitializeAsync()
    {
        await Chart.InitializeAsync();
        await Task.WhenAll(
            Postgres.StartAsync(Stop), Redis.StartAsync(Stop), Nats.StartAsync(Stop),
            base.InitializeAsync().AsTask());
        foreach (var name in (string[])[HelmChart.Namespace, Games, Lobby])
            await Manifests.ApplyAsync(Object("v1", "Namespace", null, name), Stop);
        await SecretAsync("postgres", Postgres.AdminUsername, Postgres.AdminPassword);
        await SecretAsync("redis", Redis.AdminUsername, Redis.AdminPassword);
        await SecretAsync("nats", Nats.AdminUsername, Nats.AdminPassword);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_worlds is not null)
            await _worlds.DisposeAsync();
        await base.DisposeAsync();
        await Task.WhenAll(new TestServer[] { Postgres, Redis, Nats }.Select(server => server.DisposeAsync().AsTask()));
        await Chart.DisposeAsync();
    }

    /// <summary>Values that point the backend to this cluster's stores, and the webhook past kube-proxy.</summary>
    internal string Values(string more = "") =>
        $$"""
        image: {repository: operator, tag: test}
        agent: {image: {repository: agent, tag: test} }
        driftInterval: "00:00:02"
        webhook: {service: {port: 8443} }
        backend:
          create: true
          postgres: {host: {{Postgres.Host}}, port: {{Postgres.Port}}, database: {{Postgres.Database}},
                     sslMode: Disable, adminSecretRef: {name: postgres} }
          redis: {endpoint: "{{Redis.Endpoint}}", adminSecretRef: {name: redis} }
          nats: {urls: ["{{Nats.Url}}"], credentialsSecretRef: {name: nats} }
        {{more}}
        """;

    /// <summary>Runs helm upgrade --install --wait, and waits until the API server reaches the webhook.</summary>
    internal async Task UpgradeAsync(string values, string? folder = null, params string[] more)
    {
        await Helm.OutputAsync(
        [
            "upgrade", "--install", "aether", folder ?? HelmChart.Folder, "--namespace", HelmChart.Namespace,
            "--wait", "--timeout", "5m", "--values", await Chart.FileAsync(values), .. more,
        ]);
        await ReachedAsync();
    }

    /// <summary>All worlds; the CRDs must be installed.</summary>
    internal async Task<ObjectCache<CustomObject, CustomObjectList>> WorldsAsync()
    {
        if (_worlds is null)
        {
            _worlds = Caches.OfCustom(Client, AetherNames.Group, "v1alpha1", "worldpersistences", TimeProvider.System);
            await _worlds.StartAsync(Stop);
        }

        return _worlds;
    }

    /// <summary>Applies a world; it is Ready when the task completes.</summary>
    internal async Task<CustomObject> ReadyWorldAsync(string @namespace, string name)
    {
        var world = Object($"{AetherNames.Group}/v1alpha1", "WorldPersistence", @namespace, name);
        world["spec"] = new JsonObject();
        await Manifests.ApplyAsync(world, Stop);
        return await ReadyAsync(@namespace, name);
    }

    /// <summary>Waits until a world is Ready.</summary>
    internal async Task<CustomObject> ReadyAsync(string @namespace, string name) =>
        await (await WorldsAsync()).UntilAsync(
            worlds => worlds.FirstOrDefault(world => world.Metadata.NamespaceProperty == @namespace
                && world.Metadata.Name == name && world.Condition("Ready")?.IsTrue == true),
            $"world {@namespace}/{name} to be Ready", Waiting.Step, Stop);

    /// <summary>Paths and codes of requests that the API server refused because the operator lacks the right.</summary>
    internal async Task<IReadOnlyList<string>> ForbiddenAsync()
    {
        var marker = $"/version?marker={Guid.NewGuid():N}";
        await Client.GetAsync(marker, Stop);
        while (true)
        {
            await using var file = new FileStream(
                Server.AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            var text = await reader.ReadToEndAsync(Stop);
            if (!text.Contains(marker, StringComparison.Ordinal))
            {
                await Task.Delay(AuditPoll, TimeProvider.System, Stop);
                continue;
            }

            return [.. text.Split('\n').Where(line =>
                line.Contains($":{OperatorAccount.Name}\"", StringComparison.Ordinal)
                && line.Contains("\"code\":403", StringComparison.Ordinal))];
        }
    }

    private protected override IReadOnlyDictionary<string, Image> Images() => new Dictionary<string, Image>
    {
        ["operator:test"] = OperatorImage(),
        ["agent:test"] = ProgramImages.Agent(),
        [IdleImage] = new(["/bin/sleep", "infinity"]),
    };

    private async Task SecretAsync(string name, string username, string password) =>
        await Manifests.ApplyAsync(BackendManifests.Secret(name, username, password), Stop);
}
