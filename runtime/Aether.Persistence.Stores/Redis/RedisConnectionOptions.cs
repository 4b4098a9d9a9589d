using System.Text;
using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;

namespace Aether.Persistence.Stores.Redis;

/// <summary>How to reach the keys of one world.</summary>
public sealed record RedisConnectionOptions
{
    /// <summary><c>host:port</c>; ignored if sentinels name it.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The sentinels that know the primary. Default: null, the primary is at <see cref="Endpoint"/>.</summary>
    public SentinelOptions? Sentinel { get; init; }

    /// <summary>ACL user of the world, or the user that all worlds share; null: the server's default user.</summary>
    public required string? Username { get; init; }

    /// <summary>Password of the user; null: the server requires none. <c>ToString</c> omits it.</summary>
    public required string? Password { get; init; }

    /// <summary>
    /// Password that is about to replace <see cref="Password"/>, for a login that the server refuses with the present
    /// one. Default: null, no rotation.
    /// </summary>
    public string? NextPassword { get; init; }

    /// <summary>Prefix of every key of the world; it contains a hash tag, so that all keys are in one slot.</summary>
    public required string KeyPrefix { get; init; }

    /// <summary>Whether to use TLS. Default: no.</summary>
    public bool Tls { get; init; }

    /// <summary>PEM text of the CAs to trust instead of the system's. Default: null, the system's.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>The certificate to present. Default: null, none.</summary>
    public ClientCertificate? Client { get; init; }

    /// <summary>Longest time to open a connection. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time for a command. Default: 10 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the <c>AETHER_REDIS_*</c> settings.</summary>
    /// <exception cref="InvalidStoreSettingException">A setting is missing or cannot be used.</exception>
    public static RedisConnectionOptions From(Func<string, string?> read)
    {
        var settings = new StoreSettings(read);
        var sentinel = Sentinels(settings);
        return new RedisConnectionOptions
        {
            Endpoint = sentinel is null ? settings.Required(AetherVariables.RedisEndpoint) : "",
            Sentinel = sentinel,
            Username = settings.Optional(AetherVariables.RedisUsername),
            Password = settings.Optional(AetherVariables.RedisPassword),
            NextPassword = settings.Optional(AetherVariables.RedisNextPassword),
            KeyPrefix = settings.Required(AetherVariables.RedisKeyPrefix),
            Tls = settings.Flag(AetherVariables.RedisTls),
            RootCertificate = settings.Certificates(AetherVariables.RedisRootCertificate),
            Client = settings.Client(AetherVariables.RedisClientCertificate, AetherVariables.RedisClientKey),
        };
    }

    /// <summary>The place of the server, in words.</summary>
    internal string Place => Sentinel?.Place ?? Endpoint;

    /// <summary>The same options with the two passwords exchanged; null if there is only one.</summary>
    internal RedisConnectionOptions? WithOtherPassword() =>
        NextPassword is { } next ? this with { Password = next, NextPassword = Password } : null;

    private static SentinelOptions? Sentinels(StoreSettings settings) =>
        settings.Optional(AetherVariables.RedisSentinels) is { } hosts
            ? new SentinelOptions
            {
                Hosts = hosts,
                MasterName = settings.Required(AetherVariables.RedisSentinelMaster),
                Username = settings.Optional(AetherVariables.RedisSentinelUsername),
                Password = settings.Optional(AetherVariables.RedisSentinelPassword),
            }
            : null;

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"{Username ?? "default"}@{Place} keys {KeyPrefix}*, Tls {Tls}");
        return true;
    }
}
