using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Redis;
using Npgsql;

namespace Aether.Persistence.Stores.Tests;

[Trait("Kind", "Unit")]
public sealed class ConnectionOptionsTests
{
    private const string Secret = "do-not-print-me";

    private readonly Dictionary<string, string> _settings = new()
    {
        [AetherVariables.PostgresHost] = "db",
        [AetherVariables.PostgresDatabase] = "worlds",
        [AetherVariables.PostgresSchema] = "aether_w",
        [AetherVariables.PostgresUsername] = "aether_w",
        [AetherVariables.PostgresPassword] = Secret,
        [AetherVariables.PostgresSslMode] = "VerifyFull",
        [AetherVariables.RedisEndpoint] = "cache:6379",
        [AetherVariables.RedisUsername] = "aether_w",
        [AetherVariables.RedisPassword] = Secret,
        [AetherVariables.RedisKeyPrefix] = "aether:{w}:",
        [AetherVariables.RedisTls] = "true",
        [AetherVariables.NatsUrl] = "nats://bus:4222",
        [AetherVariables.NatsEventStream] = "AETHER_w_EVENTS",
        [AetherVariables.NatsSubjectPrefix] = "aether.w.",
        [AetherVariables.NatsCredentials] = Secret,
    };

    [Fact]
    public void Settings_become_options()
    {
        var postgres = PostgresConnectionOptions.From(Read);
        var redis = RedisConnectionOptions.From(Read);
        var nats = NatsConnectionOptions.From(Read);

        Assert.Equal(("db", 5432, SslMode.VerifyFull, Secret),
            (postgres.Host, postgres.Port, postgres.SslMode, postgres.Password));
        Assert.Equal(("cache:6379", true, Secret), (redis.Endpoint, redis.Tls, redis.Password));
        Assert.Equal(("aether.w.", Secret), (nats.SubjectPrefix, nats.Credentials));
    }

    [Fact]
    public void Sentinels_replace_an_address_of_Redis()
    {
        _settings.Remove(AetherVariables.RedisEndpoint);
        _settings[AetherVariables.RedisSentinels] = "s-0:26379,s-1:26379";
        _settings[AetherVariables.RedisSentinelMaster] = "worlds";
        _settings[AetherVariables.RedisSentinelPassword] = Secret;

        var sentinel = RedisConnectionOptions.From(Read).Sentinel!;

        Assert.Equal(
            ("s-0:26379,s-1:26379", "worlds", Secret), (sentinel.Hosts, sentinel.MasterName, sentinel.Password));
        Assert.DoesNotContain(Secret, RedisConnectionOptions.From(Read).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Printed_options_show_no_secret()
    {
        object[] options =
            [PostgresConnectionOptions.From(Read), RedisConnectionOptions.From(Read), NatsConnectionOptions.From(Read)];

        Assert.All(options, option => Assert.DoesNotContain(Secret, option.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(AetherVariables.PostgresHost, "", "is missing")]
    [InlineData(AetherVariables.PostgresPort, "65536", "is '65536'; it takes a port")]
    [InlineData(AetherVariables.PostgresSslMode, "Maybe", "it takes one of Disable")]
    [InlineData(AetherVariables.RedisTls, "yes", "it takes true or false")]
    [InlineData(AetherVariables.NatsSubjectPrefix, "aether.w", "must end with a dot")]
    public void An_unusable_setting_is_named_with_the_values_it_accepts(string name, string value, string expected)
    {
        _settings[name] = value;

        var exception = Assert.Throws<InvalidStoreSettingException>(ReadAll);

        Assert.Equal(name, exception.Name);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private string? Read(string name) => _settings.GetValueOrDefault(name);

    private void ReadAll()
    {
        PostgresConnectionOptions.From(Read);
        RedisConnectionOptions.From(Read);
        NatsConnectionOptions.From(Read);
    }
}
