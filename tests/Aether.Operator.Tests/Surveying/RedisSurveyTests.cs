using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Redis;
using Aether.Operator.Tests.Provisioning;
using Aether.Persistence.Sentinels;
using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Surveying;

/// <summary>
/// A survey of Redis sees every kind of drift that an inspection of a single world sees. The cases are those of the
/// provisioner's tests.
/// </summary>
public sealed class RedisSurveyTests(Servers servers) : IAsyncLifetime
{
    private readonly RedisProvisioner _provisioner = StoreProvisioners.Redis();
    private readonly string _limited = $"admin_{Guid.NewGuid():N}";
    private RedisServer _server = null!;
    private ConnectionMultiplexer _admin = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IDatabase Admin => _admin.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        _server = await servers.RedisAsync();
        _admin = await StoreClients.ConnectAsync(_server);
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    [Fact]
    public async Task Survey_of_an_unchanged_world_is_the_same_whatever_happens_to_others()
    {
        var world = NewWorld();
        var before = await MadeAsync(world);

        await _provisioner.InspectAsync(world.Request(), Stop);
        await _provisioner.EnsureAsync(NewWorld().Request(), Stop);

        Assert.Equal(before, await _provisioner.SurveyAsync(world));
    }

    [Theory]
    [MemberData(nameof(RedisProvisionerTests.Drifts), MemberType = typeof(RedisProvisionerTests))]
    public async Task Survey_sees_drift(string damage, string named)
    {
        var world = NewWorld();
        var before = await MadeAsync(world);

        await DamageAsync(world, damage);

        Assert.True(before != await _provisioner.SurveyAsync(world), named);
    }

    [Theory]
    [InlineData("DEL {owner}")]
    [InlineData("SET {owner} theirs")]
    public async Task Survey_with_a_shared_user_sees_the_owner_record_and_needs_no_right_on_users(string damage)
    {
        await Admin.ExecuteAsync(
            "ACL", "SETUSER", _limited, "on", ">limited", "~aether:*",
            "+@read", "+@write", "+@connection", "+@transaction", "+info");
        var world = NewWorld(RedisIsolation.SharedUser);
        var before = await MadeAsync(world);
        await _provisioner.EnsureAsync(NewWorld(RedisIsolation.SharedUser).Request(), Stop);
        var undisturbed = await _provisioner.SurveyAsync(world);

        await DamageAsync(world, damage);

        Assert.Equal(before, undisturbed);
        Assert.NotEqual(before, await _provisioner.SurveyAsync(world));
    }

    [Fact]
    public async Task Administrator_without_the_right_to_list_users_cannot_survey_and_can_inspect()
    {
        await Admin.ExecuteAsync(
            "ACL", "SETUSER", _limited, "on", ">limited", "~aether:*", "&*", "+@all", "-acl|list");
        var world = NewWorld(RedisIsolation.PerWorldUser, isLimited: true);
        await _provisioner.EnsureAsync(world.Request(), Stop);

        var failure = await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.SurveyAsync(world));
        await DamageAsync(world, "ACL DELUSER {user}");
        var inspection = await _provisioner.InspectAsync(world.Request(), Stop);

        Assert.Equal(StoreReason.PermissionDenied, failure.Reason);
        Assert.Contains("+acl|list", failure.Message, StringComparison.Ordinal);
        Assert.Contains("is missing", Assert.Single(inspection.Drifts).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ACL DELUSER {user}")]
    [InlineData("ACL SETUSER {user} off")]
    [InlineData("ACL SETUSER {user} >guessed")]
    public async Task Survey_sees_drift_on_a_replica(string damage)
    {
        await using var set = new RedisSentinelSet("of-the-sentinels");
        await set.StartAsync(Stop);
        var world = NewWorld(set);
        var before = await MadeAsync(world);
        var again = await _provisioner.SurveyAsync(world);

        await using var replica = await StoreClients.ConnectAsync(set.Second);
        await DamageAsync(world, damage, replica.GetServer(set.Second.Endpoint));

        Assert.Equal(before, again);
        Assert.NotEqual(before, await _provisioner.SurveyAsync(world));
    }

    [Fact]
    public async Task Survey_sees_that_a_replica_falls_silent_and_returns_without_the_user()
    {
        await using var set = new RedisSentinelSet("of-the-sentinels");
        await set.StartAsync(Stop);
        var world = NewWorld(set);
        var before = await MadeAsync(world);

        await set.Second.StopAsync();
        var silent = await _provisioner.SurveyAsync(world);
        await HaveAllSeenAsync("+sdown slave");
        var lost = await _provisioner.SurveyAsync(world);
        await set.Second.StartAsync(Stop);
        await HaveAllSeenAsync("-sdown slave");
        await using var replica = await StoreClients.ConnectAsync(set.Second);
        await DamageAsync(world, "ACL DELUSER {user}", replica.GetServer(set.Second.Endpoint));
        var returned = await _provisioner.SurveyAsync(world);

        Assert.NotEqual(before, silent);
        Assert.Equal(3, new[] { before, lost, returned }.Distinct().Count());

        Task HaveAllSeenAsync(string text) => Task.WhenAll(set.Sentinels.Select(
            sentinel => sentinel.Process!.WaitForLineAsync(
                line => line.Contains(text, StringComparison.Ordinal), TestServer.ClientPatience, Stop)));
    }

    [Fact]
    public async Task Replica_that_refuses_to_list_its_users_is_not_vouched_for()
    {
        await using var set = new RedisSentinelSet("of-the-sentinels");
        await set.StartAsync(Stop);
        var world = NewWorld(set);
        await MadeAsync(world);
        await using var replica = await StoreClients.ConnectAsync(set.Second);

        await replica.GetServer(set.Second.Endpoint).ExecuteAsync(
            "ACL", "SETUSER", set.Second.AdminUsername ?? "default", "-acl|list");

        var failure = await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.SurveyAsync(world));
        Assert.Equal(StoreReason.PermissionDenied, failure.Reason);
    }

    private async Task<string?> MadeAsync(Requests world)
    {
        await _provisioner.EnsureAsync(world.Request(), Stop);
        return await _provisioner.SurveyAsync(world);
    }

    private Task DamageAsync(Requests world, string damage) =>
        DamageAsync(world, damage, _admin.GetServer(_server.Endpoint));

    private static async Task DamageAsync(Requests world, string damage, IServer server)
    {
        var words = damage.Split(' ').Select(word => (object)word.Replace('\u00a0', ' ')
            .Replace("{user}", world.Names.RedisUser, StringComparison.Ordinal)
            .Replace("{owner}", $"aether:owner:{{{world.Names.Id}}}", StringComparison.Ordinal)).ToArray();
        await server.ExecuteAsync((string)words[0], words[1..]);
    }

    private Requests NewWorld(
        RedisIsolation isolation = RedisIsolation.PerWorldUser, bool isLimited = false) => new()
        {
            Redis = new RedisAccess
            {
                Endpoint = _server.Endpoint,
                Tls = false,
                Isolation = isolation,
                Username = isLimited || isolation == RedisIsolation.SharedUser ? _limited : _server.AdminUsername,
                Password = isLimited || isolation == RedisIsolation.SharedUser ? "limited" : _server.AdminPassword,
            },
        };

    private static Requests NewWorld(RedisSentinelSet set)
    {
        var sentinel = new SentinelOptions { MasterName = "worlds", Hosts = set.Hosts, Password = "of-the-sentinels" };
        return new Requests
        {
            Redis = new RedisAccess
            {
                Endpoint = sentinel.Place,
                Sentinel = sentinel,
                Tls = false,
                Username = set.First.AdminUsername,
                Password = set.First.AdminPassword,
            },
        };
    }
}
