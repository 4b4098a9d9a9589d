using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Redis;
using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>
/// Redis as found in the field: replicas, clusters, sentinels, managed servers without CONFIG or ACL.
/// </summary>
public sealed class RedisFieldTests
{
    private readonly RedisProvisioner _provisioner = StoreProvisioners.Redis();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Field", "F04")]
    public async Task Replica_gets_no_user_and_is_named()
    {
        await using var server = await StartAsync();
        var world = new Requests { Redis = Access(server) };
        await using var admin = await StoreClients.ConnectAsync(server);
        await admin.GetDatabase().ExecuteAsync("REPLICAOF", "127.0.0.1", "1");

        var check = await FailureAsync(() => _provisioner.CheckAsync(world.Request().Backend, Stop));
        var made = await FailureAsync(() => _provisioner.EnsureAsync(world.Request(), Stop));

        Assert.Equal(StoreReason.ReadOnlyReplica, check.Reason);
        Assert.Equal(StoreReason.ReadOnlyReplica, made.Reason);
        Assert.Contains(server.Endpoint, made.Message, StringComparison.Ordinal);
        Assert.True((await admin.GetDatabase().ExecuteAsync("ACL", "GETUSER", world.Names.RedisUser)).IsNull);
    }

    [Fact]
    [Trait("Field", "F08")]
    public async Task Member_of_a_cluster_is_refused_before_any_user_is_created()
    {
        await using var server = await StartAsync("--cluster-enabled", "yes", "--cluster-port", $"{FreePort.Next()}");
        var world = new Requests { Redis = Access(server) };

        var check = await FailureAsync(() => _provisioner.CheckAsync(world.Request().Backend, Stop));
        var made = await FailureAsync(() => _provisioner.EnsureAsync(world.Request(), Stop));

        Assert.Equal(StoreReason.ClusterNotSupported, check.Reason);
        Assert.Equal(StoreReason.ClusterNotSupported, made.Reason);
        Assert.Contains("cluster-enabled no", made.Message, StringComparison.Ordinal);
        await using var admin = await StoreClients.ConnectAsync(server);
        var users = await admin.GetServer(server.Endpoint).ExecuteAsync("ACL", "USERS");
        Assert.Equal(["default"], (string[])users!);
    }

    [Fact]
    [Trait("Field", "F08")]
    public async Task Deletion_removes_users_that_an_older_operator_left_on_cluster_members()
    {
        await using var cluster = await RedisCluster.StartAsync(Stop);
        var world = new Requests { Redis = Access(cluster.Members[0]) };
        var names = RedisNames.Of(world.Names);
        object[] user = ["SETUSER", names.User, .. new RedisAcl(names).Rules(world.Uid, "password")];
        foreach (var member in cluster.Members)
            await cluster.SendAsync(member, "ACL", user);
        await cluster.SendAsync(cluster.Members[1], "ACL", "SETUSER", "aether_neighbour", "on", "+get");

        await _provisioner.DeleteAsync(world.Deletion("another"), Stop);
        Assert.All(await cluster.UsersAsync(), users => Assert.Contains(names.User, users));
        await _provisioner.DeleteAsync(world.Deletion(), Stop);

        Assert.All(await cluster.UsersAsync(), users => Assert.DoesNotContain(names.User, users));
        Assert.Contains(await cluster.UsersAsync(), users => users.Contains("aether_neighbour"));
    }

    [Fact]
    [Trait("Field", "F09")]
    public async Task Server_without_CONFIG_loses_only_the_advice()
    {
        await using var server = await StartAsync("--rename-command", "CONFIG", "");
        var world = new Requests { Redis = Access(server) };

        await _provisioner.EnsureAsync(world.Request(), Stop);
        var inspection = await _provisioner.InspectAsync(world.Request(), Stop);
        await server.KillAsync();
        await server.StartAsync(Stop);

        Assert.Empty(inspection.Drifts);
        Assert.Equal(StoreReason.PersistenceUnknown, inspection.Reason);
        Assert.Contains("CONFIG", inspection.Message, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        await _provisioner.DeleteAsync(world.Deletion(), Stop);
    }

    [Fact]
    [Trait("Field", "F09")]
    public async Task Administrator_without_the_right_to_CONFIG_loses_only_the_advice()
    {
        await using var server = await StartAsync();
        await using var admin = await StoreClients.ConnectAsync(server);
        await admin.GetDatabase().ExecuteAsync(
            "ACL", "SETUSER", "platform", "on", ">secret", "~aether:*", "-@all", "+@read", "+@write", "+@connection",
            "+info", "+acl");
        var world = new Requests { Redis = Access(server, "platform", "secret") };

        await _provisioner.EnsureAsync(world.Request(), Stop);
        var inspection = await _provisioner.InspectAsync(world.Request(), Stop);

        Assert.Empty(inspection.Drifts);
        Assert.Equal(StoreReason.PersistenceUnknown, inspection.Reason);
        await _provisioner.DeleteAsync(world.Deletion(), Stop);
    }

    [Fact]
    [Trait("Field", "F09")]
    public async Task Refused_ACL_is_named_with_the_rights_and_with_the_lesser_isolation()
    {
        await using var server = await StartAsync("--rename-command", "ACL", "");
        var world = new Requests { Redis = Access(server) };

        var failure = await FailureAsync(() => _provisioner.EnsureAsync(world.Request(), Stop));

        Assert.Equal(StoreReason.PermissionDenied, failure.Reason);
        Assert.Contains(server.Endpoint, failure.Message, StringComparison.Ordinal);
        Assert.Contains("'ACL'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("spec.redis.isolation to SharedUser", failure.Message, StringComparison.Ordinal);
        await _provisioner.DeleteAsync(world.Deletion(), Stop);
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task Shared_user_needs_neither_ACL_nor_CONFIG_nor_SCAN_nor_EVAL()
    {
        await using var server = await StartAsync(
            "--rename-command", "ACL", "", "--rename-command", "CONFIG", "", "--rename-command", "SCAN", "",
            "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "");
        var world = new Requests { Redis = Access(server, isolation: RedisIsolation.SharedUser) };
        var names = RedisNames.Of(world.Names);
        await using var admin = await StoreClients.ConnectAsync(server);
        var keys = admin.GetDatabase();

        await _provisioner.CheckAsync(world.Request().Backend, Stop);
        await _provisioner.EnsureAsync(world.Request(), Stop);
        var inspection = await _provisioner.InspectAsync(world.Request(), Stop);
        await keys.StringSetAsync(names.EpochKey, "1");
        await keys.HashSetAsync(names.SnapshotsKey, "1:1", $$"""{"chunksKey":"{{names.KeyPrefix}}snapshot:1:1:x"}""");
        await keys.HashSetAsync($"{names.KeyPrefix}snapshot:1:1:x", "0", "chunk");
        await keys.StringSetAsync("aether:{neighbour}:epoch", "1");
        await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(world.Request(Guid.NewGuid().ToString()), Stop));
        await _provisioner.DeleteAsync(world.Deletion(), Stop);

        Assert.Empty(inspection.Drifts);
        Assert.Equal(StoreReason.SharedUser, inspection.Reason);
        Assert.Equal(0, await keys.KeyExistsAsync(
            [names.EpochKey, names.SnapshotsKey, $"{names.KeyPrefix}snapshot:1:1:x", names.OwnerKey]));
        Assert.True(await keys.KeyExistsAsync("aether:{neighbour}:epoch"));
    }

    [Fact]
    [Trait("Field", "F26")]
    public async Task Address_of_a_sentinel_is_reported()
    {
        await using var sentinel = new RedisSentinel();
        await sentinel.StartAsync(Stop);
        var world = new Requests
        {
            Redis = new RedisAccess
            {
                Endpoint = $"{sentinel.Host}:{sentinel.Port}",
                Tls = false,
                Username = null,
                Password = null,
            },
        };

        var failure = await FailureAsync(() => _provisioner.CheckAsync(world.Request().Backend, Stop));

        Assert.Equal(StoreReason.SentinelAddress, failure.Reason);
        Assert.Contains("spec.redis.sentinel.hosts", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(null, null, arguments);
        await server.StartAsync(Stop);
        return server;
    }

    private static RedisAccess Access(
        RedisServer server,
        string? username = null,
        string? password = null,
        RedisIsolation isolation = RedisIsolation.PerWorldUser) => new()
        {
            Endpoint = server.Endpoint,
            Tls = false,
            Isolation = isolation,
            Username = username ?? server.AdminUsername,
            Password = password ?? server.AdminPassword,
        };

    private static Task<ProvisioningException> FailureAsync(Func<Task> action) =>
        Assert.ThrowsAsync<ProvisioningException>(action);
}
