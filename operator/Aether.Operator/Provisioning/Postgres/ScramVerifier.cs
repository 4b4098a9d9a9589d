using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// PostgreSQL's stored form of a password (RFC 5803). It is computed here, so that the password itself appears in no
/// statement and in no statement log.
/// </summary>
internal static class ScramVerifier
{
    private const string Mechanism = "SCRAM-SHA-256";
    private const int Iterations = 4096;
    private const int MostIterations = 1_000_000;
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;

    /// <summary>
    /// Creates a verifier with a new salt. The password must be ASCII, which SASLprep does not change.
    /// </summary>
    public static string Create(string password) =>
        Compute(password, RandomNumberGenerator.GetBytes(SaltBytes), Iterations);

    /// <summary>Whether <paramref name="verifier"/> was created from <paramref name="password"/>.</summary>
    public static bool Matches(string? verifier, string password)
    {
        if (verifier?.Split(['$', ':']) is not [Mechanism, var count, var salt, _, _]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MostIterations)
            return false;

        var saltBytes = new byte[salt.Length];
        if (!Convert.TryFromBase64String(salt, saltBytes, out var length))
            return false;

        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(verifier),
            Encoding.ASCII.GetBytes(Compute(password, saltBytes[..length], iterations)));
    }

    private static string Compute(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Mechanism}${iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(storedKey)}:"
            + $"{Convert.ToBase64String(serverKey)}");
    }
}
