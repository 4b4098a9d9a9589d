using System.Security.Cryptography;
using System.Text;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>A world's own credentials. Not a record, so that nothing prints it.</summary>
internal sealed class WorldCredentials
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private const int PasswordCharacters = 40;
    private const int RevisionCharacters = 16;

    public required string PostgresPassword { get; init; }

    /// <summary>Null where the backend has no Redis.</summary>
    public required string? RedisPassword { get; init; }

    /// <summary>Password that is about to replace that of PostgreSQL; null unless one is.</summary>
    public string? PostgresNextPassword { get; init; }

    /// <summary>Password that is about to replace that of Redis; null unless one is.</summary>
    public string? RedisNextPassword { get; init; }

    /// <summary>As whom it logs in to NATS; null where it has no user and may not share the operator's.</summary>
    public required NatsLogin? Nats { get; init; }

    /// <summary>Certificates that its agents present, and their keys; those of PostgreSQL, Redis and NATS.</summary>
    public IReadOnlyList<ClientCertificate?> Certificates { get; init; } = [];

    /// <summary>Whether new ones are beside those in force.</summary>
    public bool HasNext => PostgresNextPassword is not null || RedisNextPassword is not null;

    /// <summary>Tells these from any others: what agents report that they have.</summary>
    public string Revision
    {
        get
        {
            var text = string.Join(
                '\n', PostgresPassword, PostgresNextPassword, RedisPassword, RedisNextPassword,
                Nats?.CredentialsFile, Nats?.Username, Nats?.Password);
            foreach (var certificate in Certificates.OfType<ClientCertificate>())
                text += $"\n{certificate.Chain}\n{certificate.Key}";
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..RevisionCharacters];
        }
    }

    /// <summary>The same with new passwords beside those in force.</summary>
    /// <param name="withRedis">Whether the world has a Redis user of its own.</param>
    public WorldCredentials WithNext(bool withRedis) => new()
    {
        PostgresPassword = PostgresPassword,
        RedisPassword = RedisPassword,
        PostgresNextPassword = NewPassword(),
        RedisNextPassword = withRedis ? NewPassword() : null,
        Nats = Nats,
        Certificates = Certificates,
    };

    /// <summary>The new ones alone.</summary>
    /// <param name="nats">As whom the world logs in to NATS from now on.</param>
    public WorldCredentials Switched(NatsLogin? nats) => new()
    {
        PostgresPassword = PostgresNextPassword ?? PostgresPassword,
        RedisPassword = RedisNextPassword ?? RedisPassword,
        Nats = nats,
        Certificates = Certificates,
    };

    /// <summary>A password of some 230 bits, of characters that need no quoting anywhere.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString(Alphabet, PasswordCharacters);
}
