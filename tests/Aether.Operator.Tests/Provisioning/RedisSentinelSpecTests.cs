using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using Aether.TestServers;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>A backend's sentinel settings, and their effect.</summary>
[Trait("Field", "F04")]
public sealed class RedisSentinelSpecTests
{
    [Theory]
    [InlineData(null, null, 0, "either endpoint or sentinel")]
    [InlineData("cache:6379", "worlds", 1, "either endpoint or sentinel")]
    [InlineData(null, "no name", 1, "spec.redis.sentinel.masterName: 'no name' has the wrong form")]
    [InlineData(null, "worlds", 17, "spec.redis.sentinel.hosts (number of): 17 is out of range")]
    public void A_backend_names_an_address_or_sentinels(string? endpoint, string? master, int hosts, string complaint)
    {
        var spec = Reconciling.Backends.On("b", new PostgresServer(), new RedisServer(), new NatsServer()).Spec;
        spec.Redis!.Endpoint = endpoint;
        spec.Redis!.Sentinel = master is null ? null : new RedisSentinelBackend
        {
            MasterName = master,
            Hosts = [.. Enumerable.Range(0, hosts).Select(i => new RedisSentinelHost { Host = $"sentinel-{i}" })],
        };

        var errors = PersistenceBackendValidator.Validate(spec);

        Assert.Contains(errors, error => error.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public void Agent_gets_the_sentinels_instead_of_an_address()
    {
        var sentinel = new SentinelOptions
        {
            MasterName = "worlds",
            Hosts = "s-0:26379,s-1:26379",
            Password = "secret",
        };
        var world = new Requests
        {
            Redis = new RedisAccess
            {
                Endpoint = sentinel.Place,
                Sentinel = sentinel,
                Tls = false,
                Username = null,
                Password = null,
            },
        };

        var settings = WorldSettings.Write(
            new WorldPersistence { Metadata = new() { Name = "w", NamespaceProperty = "n", Uid = world.Uid } },
            world.Request());

        Assert.Equal("s-0:26379,s-1:26379", settings[AetherVariables.RedisSentinels]);
        Assert.Equal("worlds", settings[AetherVariables.RedisSentinelMaster]);
        Assert.Equal("secret", settings[AetherVariables.RedisSentinelPassword]);
        Assert.False(settings.ContainsKey(AetherVariables.RedisEndpoint));
    }
}
