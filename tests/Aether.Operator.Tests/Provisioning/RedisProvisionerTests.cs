using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Redis;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Provisioning;

public sealed class RedisProvisionerTests(Servers servers) : IAsyncLifetime
{
    private readonly RedisProvisioner _provisioner = StoreProvisioners.Redis();
    private RedisServer _server = null!;
    private ConnectionMultiplexer _admin = null!;
    private Requests _world = null!;

    private string User => _world.Names.RedisUser;

    private string Prefix => _world.Names.RedisKeyPrefix;

    private string OwnerKey => RedisNames.Of(_world.Names).OwnerKey;

    private IDatabase Admin => _admin.GetDatabase();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.RedisAsync();
        _world = new Requests { Redis = Access() };
        _admin = await StoreClients.ConnectAsync(_server);
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    [Fact]
    public async Task New_world_gets_a_user_and_then_shows_no_drift()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var inspection = await _provisioner.InspectAsync(_world.Request(), Stop);
        Assert.Empty(inspection.Drifts);
        Assert.Equal(StoreReason.Provisioned, inspection.Reason);
        await using var own = await ConnectAsWorldAsync();
        Assert.True(await own.GetDatabase().StringSetAsync(Prefix + "a", "1"));
        Assert.Equal("1", (string?)await own.GetDatabase().ScriptEvaluateAsync(
            "return redis.call('GET', KEYS[1])", [Prefix + "a"]));
    }

    [Fact]
    public async Task Correct_world_is_not_written_to()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await using var observer = await RedisMonitor.StartAsync(_server);

        await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var commands = await observer.StopAsync(line => line.Contains(OwnerKey, StringComparison.Ordinal)
            || line.Contains(User, StringComparison.Ordinal));
        Assert.NotEmpty(commands);
        Assert.All(commands, line => Assert.Matches("\"(GET|ACL\" \"GETUSER)\"", line));
    }

    [Fact]
    public async Task User_of_a_world_reaches_neither_other_prefixes_nor_the_server()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await Admin.StringSetAsync("aether:{other}:secret", "x");
        await using var own = await ConnectAsWorldAsync();

        await RefusedAsync(own, "GET", "aether:{other}:secret");
        await RefusedAsync(own, "SET", "aether:{other}:secret", "y");
        await RefusedAsync(own, "SET", OwnerKey, "mine");
        await RefusedAsync(own, "COPY", Prefix + "a", "elsewhere");
        await RefusedAsync(own, "KEYS", "*");
        await RefusedAsync(own, "SCAN", "0");
        await RefusedAsync(own, "RANDOMKEY");
        await RefusedAsync(own, "FLUSHALL");
        await RefusedAsync(own, "CONFIG", "GET", "*");
        await RefusedAsync(own, "ACL", "LIST");
        await RefusedAsync(own, "FUNCTION", "FLUSH");
        await RefusedAsync(own, "PUBLISH", Prefix + "c", "m");
        await RefusedAsync(own, "EVAL", "return redis.call('GET', 'aether:{other}:secret')", "0");
    }

    public static TheoryData<string, string> Drifts => new()
    {
        { "ACL DELUSER {user}", "is missing" },
        { "ACL SETUSER {user} off", "is off" },
        { "ACL SETUSER {user} >guessed", "another password" },
        { "ACL SETUSER {user} nopass", "another password" },
        { "ACL SETUSER {user} ~*", "key patterns" },
        { "ACL SETUSER {user} &*", "channels" },
        { "ACL SETUSER {user} +@all", "other commands" },
        { "ACL SETUSER {user} -get", "other commands" },
        { "ACL SETUSER {user} (+@all\u00a0~*)", "selectors" },
        { "DEL {owner}", "owner record" },
    };

    [Theory]
    [MemberData(nameof(Drifts))]
    public async Task Drift_is_found_named_and_repaired(string damage, string named)
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        var words = damage.Split(' ')
            .Select(word => (object)word.Replace("{user}", User).Replace("{owner}", OwnerKey).Replace('\u00a0', ' '))
            .ToArray();
        await Admin.ExecuteAsync((string)words[0], words[1..]);

        var found = await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Contains(found.Drifts, drift => drift.What.Contains(named, StringComparison.Ordinal));
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
        await using var own = await ConnectAsWorldAsync();
        await own.GetDatabase().StringGetAsync(Prefix + "a");
        await RefusedAsync(own, "GET", "elsewhere");
    }

    [Fact]
    public async Task A_user_of_another_or_no_owner_is_refused_and_not_touched()
    {
        await Admin.ExecuteAsync("ACL", "SETUSER", User, "on", ">theirs", "+@all");

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(), Stop));
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(StoreReason.OwnedByAnother, refusal.Reason);
        await (await StoreClients.ConnectAsync(_server.Endpoint, User, "theirs")).DisposeAsync();
        Assert.False(await Admin.KeyExistsAsync(OwnerKey));
    }

    [Fact]
    public async Task Unmarked_keys_are_refused_and_not_touched()
    {
        await Admin.StringSetAsync(Prefix + "found", "x");

        var refusal = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(_world.Request(), Stop));
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(StoreReason.OwnedByAnother, refusal.Reason);
        Assert.True(await Admin.KeyExistsAsync(Prefix + "found"));
    }

    [Fact]
    public async Task A_retained_world_is_adopted_with_its_keys_by_a_world_that_names_its_UID()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await Admin.StringSetAsync(Prefix + "a", "kept");
        var heir = Guid.NewGuid().ToString();

        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.EnsureAsync(_world.Request(heir), Stop));
        await _provisioner.EnsureAsync(_world.Request(heir, adopt: _world.Uid), Stop);

        Assert.Empty((await _provisioner.InspectAsync(_world.Request(heir), Stop)).Drifts);
        Assert.Equal("kept", (string?)await Admin.StringGetAsync(Prefix + "a"));
        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.InspectAsync(_world.Request(), Stop));
    }

    [Fact]
    public async Task Deletion_removes_own_keys_and_user_and_nothing_else()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        for (var i = 0; i < 1200; i++)
            await Admin.StringSetAsync($"{Prefix}{i}", "x", flags: CommandFlags.FireAndForget);
        await Admin.StringSetAsync("aether:{neighbour}:a", "x");

        await _provisioner.DeleteAsync(_world.Deletion("another"), Stop);
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);

        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        var server = _admin.GetServer(_server.Endpoint);
        Assert.Empty(server.Keys(pattern: Prefix + "*"));
        Assert.False(await Admin.KeyExistsAsync(OwnerKey));
        Assert.True(await Admin.KeyExistsAsync("aether:{neighbour}:a"));
        Assert.True((await Admin.ExecuteAsync("ACL", "GETUSER", User)).IsNull);
    }

    [Fact]
    public async Task Users_survive_a_restart_of_a_server_with_an_ACL_file_and_show_no_drift()
    {
        await using var server = new RedisServer();
        await server.StartAsync(Stop);
        var world = new Requests { Redis = Access(server) };
        await _provisioner.EnsureAsync(world.Request(), Stop);

        await server.KillAsync();
        await server.StartAsync(Stop);

        await (await StoreClients.ConnectAsync(
            server.Endpoint, world.Names.RedisUser, world.Credentials.RedisPassword!)).DisposeAsync();
        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task Wrong_password_and_host_are_distinguished_without_showing_the_password()
    {
        const string secret = "hush-hush-hush";
        var wrong = await FailureAsync(new RedisAccess
        {
            Endpoint = _server.Endpoint,
            Tls = false,
            Username = "default",
            Password = secret,
        });
        var unreachable = await FailureAsync(new Requests().Redis!);

        Assert.Equal(StoreReason.AuthenticationFailed, wrong.Reason);
        Assert.Equal(StoreReason.Unreachable, unreachable.Reason);
        Assert.DoesNotContain(secret, wrong.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", unreachable.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(ConnectionMultiplexer own, string command, params object[] arguments)
    {
        var refusal = await Assert.ThrowsAnyAsync<RedisServerException>(
            () => own.GetDatabase().ExecuteAsync(command, arguments));
        Assert.Matches("NOPERM|can't access|ACL failure in script", refusal.Message);
        Assert.Equal("NOPERM", RedisAnswers.CodeOf(refusal.Message));
    }

    private Task<ConnectionMultiplexer> ConnectAsWorldAsync() =>
        StoreClients.ConnectAsync(_server.Endpoint, User, _world.Credentials.RedisPassword!);

    private RedisAccess Access(RedisServer? server = null) => new()
    {
        Endpoint = (server ?? _server).Endpoint,
        Tls = false,
        Username = (server ?? _server).AdminUsername,
        Password = (server ?? _server).AdminPassword,
    };

    private async Task<ProvisioningException> FailureAsync(RedisAccess access) =>
        await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(new Requests { Redis = access }.Request(), Stop));
}
