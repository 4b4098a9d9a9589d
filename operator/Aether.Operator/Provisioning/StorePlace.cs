using System.Security.Cryptography;
using System.Text;
using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning;

/// <summary>
/// A store and the credentials it is used with, as far as they decide whether it is usable. Contains no password.
/// </summary>
/// <param name="Store">The kind of store.</param>
/// <param name="Address">The address, for messages.</param>
/// <param name="Terms">Everything else that decides whether it can be reached, such as TLS.</param>
internal sealed record StorePlace(StoreName Store, string Address, string Terms)
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A <see cref="Fingerprint"/> of everything that the operator logs in with.</summary>
    public string Credentials { get; init; } = "";

    /// <summary>
    /// A keyed hash that distinguishes credentials. Without the key, passwords could be guessed from it.
    /// </summary>
    public static string Fingerprint(params ReadOnlySpan<string?> credentials)
    {
        var text = new StringBuilder();
        foreach (var part in credentials)
            text.Append(part is null ? "-" : $"{part.Length}:{part}").Append('\n');
        return Convert.ToHexString(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(text.ToString())));
    }
}
