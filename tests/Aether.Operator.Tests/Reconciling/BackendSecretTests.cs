using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

public sealed class BackendSecretTests(ChangeDrivenCluster cluster, Servers servers)
    : IClassFixture<ChangeDrivenCluster>
{
    private static readonly ObjectKey Backend = new(null, "default");
    private static readonly ObjectKey World = new(OperatorCluster.Games, "arena");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_corrected_Secret_is_used_at_once_by_backend_and_world()
    {
        var (postgres, redis, nats) =
            (await servers.PostgresAsync(), await servers.RedisAsync(), await servers.NatsAsync());
        await CreateSecretAsync(Backends.PostgresAdmin, postgres.AdminUsername, "mistyped");
        await CreateSecretAsync(Backends.RedisAdmin, redis.AdminUsername, redis.AdminPassword);
        await cluster.Objects.CreateAsync(Backends.On(Backend.Name, postgres, redis, nats), Stop);
        await cluster.Objects.CreateAsync(
            new WorldPersistence
            {
                Metadata = new V1ObjectMeta { Name = World.Name, NamespaceProperty = World.Namespace },
            },
            Stop);
        await WaitAsync(WorldConditions.Ready, nameof(WorldReason.SecretNotFound));

        await CreateSecretAsync(Backends.NatsAdmin, nats.AdminUsername, nats.AdminPassword);
        await WaitAsync("PostgresReady", nameof(StoreReason.AuthenticationFailed));
        await ReplaceSecretAsync(Backends.PostgresAdmin, postgres.AdminPassword);

        await WaitAsync(WorldConditions.Ready, nameof(WorldReason.AllStoresReady));
    }

    private Task WaitAsync(string type, string reason) => Eventually.IsTrueAsync(
        async () =>
        {
            var backend = await cluster.Objects.TryGetAsync<PersistenceBackend>(Backend, Stop);
            var world = await cluster.Objects.TryGetAsync<WorldPersistence>(World, Stop);
            return Has(backend!.Status.Conditions) && Has(world!.Status.Conditions);

            bool Has(IList<V1Condition>? conditions) =>
                conditions?.Any(condition => condition.Type == type && condition.Reason == reason) == true;
        },
        Stop);

    private async Task CreateSecretAsync(string name, string username, string password) =>
        await cluster.Objects.CreateAsync(
            Backends.Secret(OperatorCluster.System, name, ("username", username), ("password", password)), Stop);

    private async Task ReplaceSecretAsync(string name, string password)
    {
        var secret = await cluster.Objects.TryGetAsync<V1Secret>(new ObjectKey(OperatorCluster.System, name), Stop);
        secret!.Data["password"] = Encoding.UTF8.GetBytes(password);
        await cluster.Objects.ReplaceAsync(secret, Stop);
    }
}
