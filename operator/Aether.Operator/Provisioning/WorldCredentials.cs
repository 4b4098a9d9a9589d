using System.Security.Cryptography;
using Aether.Operator.Provisioning.Nats;

namespace Aether.Operator.Provisioning;

/// <summary>A world's own credentials. Not a record, so that nothing prints it.</summary>
internal sealed class WorldCredentials
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private const int PasswordCharacters = 40;

    public required string PostgresPassword { get; init; }

    public required string RedisPassword { get; init; }

    /// <summary>As whom it logs in to NATS; null where it has no user and may not share the operator's.</summary>
    public required NatsLogin? Nats { get; init; }

    /// <summary>A password of some 230 bits, of characters that need no quoting anywhere.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString(Alphabet, PasswordCharacters);
}
