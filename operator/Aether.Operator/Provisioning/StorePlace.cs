using System.Security.Cryptography;
using System.Text;
using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>
/// A store with the credentials it is used with, as far as both matter for whether it can be used. Holds no password.
/// </summary>
/// <param name="Store">Which kind of store.</param>
/// <param name="Address">Where it is, for people.</param>
/// <param name="Terms">All else that decides whether it can be reached, such as TLS.</param>
internal sealed record StorePlace(StoreName Store, string Address, string Terms)
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A <see cref="Fingerprint"/> of all that the operator logs in with.</summary>
    public string Credentials { get; init; } = "";

    /// <summary>Tells credentials apart. It is keyed, so that no password can be guessed from it.</summary>
    public static string Fingerprint(params ReadOnlySpan<string?> credentials)
    {
        var text = new StringBuilder();
        foreach (var part in credentials)
            text.Append(part is null ? "-" : $"{part.Length}:{part}").Append('\n');
        return Convert.ToHexString(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(text.ToString())));
    }
}
