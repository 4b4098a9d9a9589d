using System.Text;
using Aether.Client;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Worlds on stores that require client certificates, from Secrets of the backend.</summary>
public sealed class ClientCertificateTests(Cluster cluster) : IClassFixture<Cluster>
{
    private const string System = "aether-system";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task World_on_stores_that_require_client_certificates_is_provisioned_and_recovers()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        await using var servers = await StartAsync(@namespace);
        var world = await CreateWorldAsync(@namespace, "vault", """{"class": "Durable"}""");
        using var folder = new TemporaryFolder("volume");
        var secret = await SecretAsync(world);
        await using (var first = await WorldAgent.StartAsync(secret, folder.Path, "pod-0"))
        {
            await using var client = await first.ConnectAsync();
            await client.CommitAsync(Replicated("1"), Stop);
            await client.PublishEventAsync("trade.done", new byte[] { 7 }, Stop);
            await first.StopAsync();
        }

        using var empty = new TemporaryFolder("volume");
        await using var second = await WorldAgent.StartAsync(secret, empty.Path, "pod-1");
        await using var recovered = await second.ConnectAsync();
        var state = await recovered.RecoverAsync(Stop);
        var received = await recovered.SubscribeEventsAsync("", 0, Stop).FirstAsync(Stop);

        Assert.Equal(1UL, state.Keys);
        Assert.Equal("trade.done", received.Type);
    }

    [Fact]
    public async Task Ephemeral_world_keeps_its_snapshots_in_a_Redis_that_requires_client_certificates()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        await using var servers = await StartAsync(@namespace);
        var world = await CreateWorldAsync(@namespace, "lobby", """{"class": "Ephemeral"}""");
        using var folder = new TemporaryFolder("volume");
        var secret = await SecretAsync(world);
        await using (var first = await WorldAgent.StartAsync(secret, folder.Path, "pod-0"))
        {
            await using var client = await first.ConnectAsync();
            await client.CommitAsync(new WorldCommit().Put(new("k", "1"), new byte[] { 1 }), Stop);
            await client.SnapshotAsync(Stop);
            await first.StopAsync();
        }

        await using var second = await WorldAgent.StartAsync(secret, folder.Path, "pod-1");
        await using var recovered = await second.ConnectAsync();
        var state = await recovered.RecoverAsync(Stop);

        Assert.Equal(1UL, state.Keys);
    }

    [Fact]
    public async Task Renewed_client_certificates_reach_the_operator_and_the_worlds_Secret()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        await using var servers = await StartAsync(@namespace);
        var world = await CreateWorldAsync(@namespace, "vault", """{"class": "Durable"}""");
        var before = await SecretAsync(world);
        var agents = servers.NextClients.IssueClient(CertifiedServers.AgentsName);

        await ReplaceAsync("certified-operator", servers.NextClients.IssueClient(CertifiedServers.OperatorName));
        await ReplaceAsync("certified-agents", agents);
        // The stores' Secrets are replaced one after another: a reconcile may find the new certificate in some of them
        // only.
        await Eventually.IsTrueAsync(
            async () => await SecretAsync(world) is var secret
                && Text(secret, AetherVariables.RedisClientKey) == agents.Key.TrimEnd()
                && new[] { AetherVariables.PostgresClientCertificate, AetherVariables.NatsClientCertificate }
                    .All(name => Text(secret, name) == agents.Certificate.TrimEnd()),
            Stop);

        var after = await SecretAsync(world);
        Assert.NotEqual(
            Text(before, AetherVariables.CredentialsRevision), Text(after, AetherVariables.CredentialsRevision));
        Assert.DoesNotContain(
            Text(after, AetherVariables.RedisClientKey), Text(before, AetherVariables.RedisClientKey),
            StringComparison.Ordinal);
        await cluster.WaitReadyAsync(world);
    }

    [Theory]
    [InlineData("no Secret", nameof(WorldReason.SecretNotFound), "does not exist")]
    [InlineData("no key", nameof(WorldReason.SecretNotFound), "no key 'tls.key'")]
    [InlineData("no PEM", nameof(StoreReason.InvalidCredentials), "key 'tls.crt'")]
    [InlineData("no PEM key", nameof(StoreReason.InvalidCredentials), "key 'tls.key'")]
    [InlineData("other key", nameof(StoreReason.InvalidCredentials), "another key")]
    [InlineData("expired", nameof(WorldReason.CertificateExpired), "has expired at")]
    public async Task Unusable_client_certificate_is_named_on_the_backend_with_a_remedy(
        string what, string reason, string complaint)
    {
        using var authority = new TestAuthority();
        var name = $"unusable-{what.Replace(' ', '-').ToLowerInvariant()}";
        if (Unusable(what, authority) is { } data)
            await cluster.CreateSecretAsync(System, name, data);

        await cluster.CreateBackendAsync(
            name, spec => spec.Nats!.AgentClientCertificateSecretRef = new SecretReference { Name = name });

        var ready = (await cluster.WaitBackendAsync(name, "False")).Status.Conditions!
            .Single(condition => condition.Type == WorldConditions.Ready);
        Assert.Equal(reason, ready.Reason);
        Assert.Contains($"'{System}/{name}'", ready.Message, StringComparison.Ordinal);
        Assert.Contains("spec.nats.agentClientCertificateSecretRef", ready.Message, StringComparison.Ordinal);
        Assert.Contains(complaint, ready.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis", "set spec.redis.tls to true", "spec.redis.tls to be true")]
    [InlineData("postgres", "set spec.postgres.sslMode", "another spec.postgres.sslMode than Disable")]
    public async Task Certificates_of_a_store_without_TLS_are_refused_by_operator_and_API_server(
        string store, string complaint, string refusal)
    {
        var spec = Backends.On("plain", cluster.Postgres, cluster.Redis, cluster.Nats).Spec;
        Change(spec);

        var errors = PersistenceBackendValidator.Validate(spec);
        var refused = await Assert.ThrowsAsync<ApiException>(() => cluster.CreateBackendAsync("plain", Change));

        Assert.Contains(
            $"spec.{store}.caSecretRef: needs TLS: {complaint}", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains(refusal, refused.Message, StringComparison.Ordinal);

        void Change(PersistenceBackendSpec changed)
        {
            if (store == "redis")
                changed.Redis!.CaSecretRef = new SecretReference { Name = "ca" };
            else
                changed.Postgres.CaSecretRef = new SecretReference { Name = "ca" };
        }
    }

    private static (string Key, string Value)[]? Unusable(string what, TestAuthority authority)
    {
        var (own, other) = (authority.IssueClient("a"), authority.IssueClient("b"));
        var expired = authority.IssueExpiredClient("a");
        return what switch
        {
            "no Secret" => null,
            "no key" => [(SecretKeys.ClientCertificate, own.Certificate)],
            "no PEM" => [(SecretKeys.ClientCertificate, "nothing"), (SecretKeys.ClientKey, own.Key)],
            "no PEM key" => [(SecretKeys.ClientCertificate, own.Certificate), (SecretKeys.ClientKey, "nothing")],
            "other key" => [(SecretKeys.ClientCertificate, own.Certificate), (SecretKeys.ClientKey, other.Key)],
            _ => [(SecretKeys.ClientCertificate, expired.Certificate), (SecretKeys.ClientKey, expired.Key)],
        };
    }

    private static WorldCommit Replicated(string id) =>
        new WorldCommit { Durability = WorldDurability.Replicated }.Put(new("k", id), new byte[] { 1 });

    private static string Text(V1Secret secret, string name) => Encoding.UTF8.GetString(secret.Data[name]);

    private async Task<CertifiedServers> StartAsync(string name)
    {
        var servers = new CertifiedServers();
        await servers.StartAsync();
        await SetSecretAsync("certified-ca", (SecretKeys.CertificateAuthority, servers.Authority));
        await SetSecretAsync("certified-postgres",
            ("username", CertifiedServers.OperatorName), ("password", servers.Postgres.AdminPassword));
        await SetSecretAsync("certified-redis",
            ("username", servers.Redis.AdminUsername), ("password", servers.Redis.AdminPassword));
        await SetSecretAsync("certified-nats",
            ("username", servers.Nats.AdminUsername), ("password", servers.Nats.AdminPassword));
        await ReplaceAsync("certified-operator", servers.Clients.IssueClient(CertifiedServers.OperatorName));
        await ReplaceAsync("certified-agents", servers.Clients.IssueClient(CertifiedServers.AgentsName));
        await cluster.CreateBackendAsync(name, spec =>
        {
            var certified = servers.Spec();
            (spec.Postgres, spec.Redis, spec.Nats) = (certified.Postgres, certified.Redis, certified.Nats);
        });
        return servers;
    }

    private async Task<WorldPersistence> CreateWorldAsync(string @namespace, string name, string spec) =>
        await cluster.WaitReadyAsync(await cluster.CreateWorldAsync(
            @namespace, name, spec.Replace("{", $$"""{"backendRef": {"name": "{{@namespace}}"}, """)));

    private async Task<V1Secret> SecretAsync(WorldPersistence world) => (await cluster.Objects.TryGetAsync<V1Secret>(
        new ObjectKey(
            world.Metadata.NamespaceProperty,
            WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name).Secret),
        Stop))!;

    private Task ReplaceAsync(string name, ClientFiles files) => SetSecretAsync(
        name, (SecretKeys.ClientCertificate, files.Certificate), (SecretKeys.ClientKey, files.Key));

    private async Task SetSecretAsync(string name, params (string Key, string Value)[] data)
    {
        var secret = await cluster.Objects.TryGetAsync<V1Secret>(new ObjectKey(System, name), Stop);
        if (secret is null)
        {
            await cluster.CreateSecretAsync(System, name, data);
            return;
        }

        secret.Data = data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value));
        await cluster.Objects.ReplaceAsync(secret, Stop);
    }
}
