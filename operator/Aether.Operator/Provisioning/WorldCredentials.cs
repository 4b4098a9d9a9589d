using System.Security.Cryptography;
using System.Text;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>A world's own credentials. Not a record, so that its secrets are never printed.</summary>
internal sealed class WorldCredentials
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private const int PasswordCharacters = 40;
    private const int RevisionCharacters = 16;

    public required string PostgresPassword { get; init; }

    /// <summary>Null if the backend has no Redis.</summary>
    public required string? RedisPassword { get; init; }

    /// <summary>
    /// The password that will replace <see cref="PostgresPassword"/>; null unless a rotation is running.
    /// </summary>
    public string? PostgresNextPassword { get; init; }

    /// <summary>
    /// The password that will replace <see cref="RedisPassword"/>; null unless a rotation is running.
    /// </summary>
    public string? RedisNextPassword { get; init; }

    /// <summary>The NATS login; null if the world has no user and may not share the operator's.</summary>
    public required NatsLogin? Nats { get; init; }

    /// <summary>Client certificates and keys of the world's agents, for PostgreSQL, Redis and NATS.</summary>
    public IReadOnlyList<ClientCertificate?> Certificates { get; init; } = [];

    /// <summary>Whether there are new credentials beside the current ones.</summary>
    public bool HasNext => PostgresNextPassword is not null || RedisNextPassword is not null;

    /// <summary>Identifies these credentials; agents report the revision that they have read.</summary>
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

    /// <summary>The same credentials with new passwords beside the current ones.</summary>
    /// <param name="withRedis">Whether the world has its own Redis user.</param>
    public WorldCredentials WithNext(bool withRedis) => new()
    {
        PostgresPassword = PostgresPassword,
        RedisPassword = RedisPassword,
        PostgresNextPassword = NewPassword(),
        RedisNextPassword = withRedis ? NewPassword() : null,
        Nats = Nats,
        Certificates = Certificates,
    };

    /// <summary>The new credentials alone.</summary>
    /// <param name="nats">The world's NATS login from now on.</param>
    public WorldCredentials Switched(NatsLogin? nats) => new()
    {
        PostgresPassword = PostgresNextPassword ?? PostgresPassword,
        RedisPassword = RedisNextPassword ?? RedisPassword,
        Nats = nats,
        Certificates = Certificates,
    };

    /// <summary>A random password of about 230 bits, from characters that never need quoting.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString(Alphabet, PasswordCharacters);
}
