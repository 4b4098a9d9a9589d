using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Redis;
using Aether.Persistence.Sentinels;
using Aether.TestServers;
using StackExchange.Redis;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>Two real servers and three sentinels that fail over between them.</summary>
[Trait("Field", "F04")]
public sealed class RedisSentinelTests : IAsyncLifetime
{
    private const string Password = "of-the-sentinels";

    private readonly RedisProvisioner _provisioner = StoreProvisioners.Redis();
    private readonly RedisSentinelSet _set = new(Password);
    private Requests _world = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _set.StartAsync(Stop);
        _world = new Requests { Redis = Access(_set.Hosts) };
    }

    public ValueTask DisposeAsync() => _set.DisposeAsync();

    [Fact]
    public async Task A_worlds_user_is_on_the_new_primary_when_the_failover_is_done()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        await _set.First.KillAsync();
        await _set.FailedOverAsync(Stop);

        await using var agent = await StoreClients.ConnectAsync(
            _set.Second.Endpoint, _world.Names.RedisUser, _world.Credentials.RedisPassword!);
        Assert.True(await agent.GetDatabase().StringSetAsync(_world.Names.RedisKeyPrefix + "k", "v"));
        var after = await _provisioner.InspectAsync(_world.Request(), Stop);
        Assert.Empty(after.Drifts);
        Assert.Contains(_set.First.Endpoint, after.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_lacks_the_worlds_user_gets_it_at_the_next_reconcile()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await SendAsync(_set.Second, "ACL", "DELUSER", _world.Names.RedisUser);

        var before = await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Contains($"is missing on replica {_set.Second.Endpoint}", Assert.Single(before.Drifts).What);
        Assert.Contains(_world.Names.RedisUser, await UsersAsync(_set.Second));
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task A_new_primary_without_the_worlds_user_gets_it_at_the_next_reconcile()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await _set.First.KillAsync();
        await _set.FailedOverAsync(Stop);
        await SendAsync(_set.Second, "ACL", "DELUSER", _world.Names.RedisUser);

        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Contains(_world.Names.RedisUser, await UsersAsync(_set.Second));
    }

    [Fact]
    public async Task Deletion_leaves_no_user_on_a_replica_and_waits_for_an_unavailable_one()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await _set.Second.StopAsync();
        await Task.WhenAll(_set.Sentinels.Select(sentinel => sentinel.Process!.WaitForLineAsync(
            line => line.Contains("+sdown slave", StringComparison.Ordinal), TestServer.ClientPatience, Stop)));

        var blocked = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.DeleteAsync(_world.Deletion(), Stop));
        var kept = await UsersAsync(_set.First);
        await _set.Second.StartAsync(Stop);
        await Task.WhenAll(_set.Sentinels.Select(sentinel => sentinel.Process!.WaitForLineAsync(
            line => line.Contains("-sdown slave", StringComparison.Ordinal), TestServer.ClientPatience, Stop)));
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(StoreReason.Unreachable, blocked.Reason);
        Assert.Contains("SENTINEL RESET worlds", blocked.Message, StringComparison.Ordinal);
        Assert.Contains(_world.Names.RedisUser, kept);
        Assert.DoesNotContain(_world.Names.RedisUser, await UsersAsync(_set.First));
        Assert.DoesNotContain(_world.Names.RedisUser, await UsersAsync(_set.Second));
    }

    [Theory]
    [InlineData("someone", Password, nameof(StoreReason.SentinelMasterUnknown), "spec.redis.sentinel.masterName")]
    [InlineData(
        "worlds", "wrong", nameof(StoreReason.AuthenticationFailed), "spec.redis.sentinel.credentialsSecretRef")]
    public async Task Sentinels_that_name_no_primary_are_a_condition_with_the_field_to_correct(
        string master, string password, string reason, string field)
    {
        var world = new Requests { Redis = Access(_set.Hosts, master, password) };

        var failure = await FailureAsync(world);

        Assert.Equal(reason, failure.Reason.ToString());
        Assert.Contains(field, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(password, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_without_a_sentinel_are_reported()
    {
        var unreachable = await FailureAsync(new Requests { Redis = Access("127.0.0.1:1,127.0.0.1:2") });
        var data = await FailureAsync(new Requests
        {
            Redis = Access(_set.First.Endpoint, password: _set.First.AdminPassword),
        });

        Assert.Equal(StoreReason.Unreachable, unreachable.Reason);
        Assert.Contains(
            "No sentinel answers at 127.0.0.1:1,127.0.0.1:2", unreachable.Message, StringComparison.Ordinal);
        Assert.Equal(StoreReason.SentinelAddress, data.Reason);
        Assert.Contains($"{_set.First.Endpoint} is not a sentinel", data.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_of_the_sentinels_needs_no_more_rights_than_documented()
    {
        string[] rules = ["SETUSER", "asker", "on", ">secret", "resetchannels", .. Documented()];
        foreach (var sentinel in _set.Sentinels)
        {
            await using var admin = await ConnectionMultiplexer.SentinelConnectAsync(
                new ConfigurationOptions { EndPoints = { sentinel.Endpoint }, Password = Password, AllowAdmin = true });
            await admin.GetServer(sentinel.Endpoint).ExecuteAsync("ACL", rules);
        }

        await _provisioner.CheckAsync(
            new Requests { Redis = Access(_set.Hosts, password: "secret", username: "asker") }.Request().Backend, Stop);
    }

    private static string[] Documented() =>
        File.ReadAllText(Path.Combine(Clone.Root, "docs", "operator.md")).Split('\n')
            .SkipWhile(line => !line.StartsWith("ACL SETUSER aether-asker", StringComparison.Ordinal))
            .TakeWhile(line => line != "```")
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word[0] is '+' or '-').ToArray();

    private async Task<ProvisioningException> FailureAsync(Requests world) =>
        await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.CheckAsync(world.Request().Backend, Stop));

    private RedisAccess Access(
        string hosts, string master = "worlds", string password = Password, string? username = null)
    {
        var sentinel = new SentinelOptions
        {
            MasterName = master,
            Hosts = hosts,
            Username = username,
            Password = password,
        };
        return new RedisAccess
        {
            Endpoint = sentinel.Place,
            Sentinel = sentinel,
            Tls = false,
            Username = _set.First.AdminUsername,
            Password = _set.First.AdminPassword,
        };
    }

    private static async Task<string[]> UsersAsync(RedisServer server)
    {
        await using var admin = await StoreClients.ConnectAsync(server);
        return (string[])(await admin.GetServer(server.Endpoint).ExecuteAsync("ACL", "USERS"))!;
    }

    private static async Task SendAsync(RedisServer server, string command, params object[] arguments)
    {
        await using var admin = await StoreClients.ConnectAsync(server);
        await admin.GetServer(server.Endpoint).ExecuteAsync(command, arguments);
    }
}
