using System.Text.Json.Nodes;
using Aether.Persistence.Contracts;

namespace Aether.DevCluster.Clusters;

/// <summary>Describes a cluster's stores to its operator: Secrets of their administrators, and a backend.</summary>
internal sealed class BackendManifests(DevelopmentCluster cluster)
{
    /// <summary>Applies Secrets and backend with that name.</summary>
    /// <param name="name">Name of the backend, and prefix of the Secrets' names.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="change">Changes the backend's spec, for instance to name a wrong host.</param>
    public async Task ApplyAsync(
        string name, CancellationToken cancellationToken, Action<JsonObject>? change = null)
    {
        await cluster.Manifests.ApplyAsync(
            [
                Secret($"{name}-postgres", cluster.Postgres.AdminUsername, cluster.Postgres.AdminPassword),
                Secret($"{name}-redis", cluster.Redis.AdminUsername, cluster.Redis.AdminPassword),
                Secret($"{name}-nats", new() { ["user.creds"] = cluster.NatsOperator.AdminCredentials }),
                Secret($"{name}-nats-signing", new()
                {
                    ["seed"] = cluster.NatsOperator.SigningSeed,
                    ["account"] = cluster.NatsOperator.Account,
                }),
            ],
            cancellationToken);
        var spec = Spec(name);
        change?.Invoke(spec);
        var backend = new JsonObject
        {
            ["apiVersion"] = AetherNames.Group + "/v1alpha1",
            ["kind"] = "PersistenceBackend",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = spec,
        };
        await cluster.Manifests.ApplyAsync(backend, cancellationToken);
    }

    /// <summary>A Secret with a user and a password, in the operator's namespace.</summary>
    public static JsonObject Secret(string name, string username, string password) =>
        Secret(name, new() { ["username"] = username, ["password"] = password });

    private static JsonObject Secret(string name, JsonObject content) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = DevelopmentCluster.SystemNamespace },
        ["stringData"] = content,
    };

    private JsonObject Spec(string name) => new()
    {
        ["postgres"] = new JsonObject
        {
            ["host"] = cluster.Postgres.Host,
            ["port"] = cluster.Postgres.Port,
            ["database"] = cluster.Postgres.Database,
            ["sslMode"] = "Disable",
            ["adminSecretRef"] = new JsonObject { ["name"] = $"{name}-postgres" },
        },
        ["redis"] = new JsonObject
        {
            ["endpoint"] = cluster.Redis.Endpoint,
            ["adminSecretRef"] = new JsonObject { ["name"] = $"{name}-redis" },
        },
        ["nats"] = new JsonObject
        {
            ["urls"] = new JsonArray(cluster.Nats.Url),
            ["credentialsSecretRef"] = new JsonObject { ["name"] = $"{name}-nats" },
            ["accountSigningKeySecretRef"] = new JsonObject { ["name"] = $"{name}-nats-signing" },
        },
    };
}
