using System.Buffers.Text;
using System.Text.Json;
using Aether.Persistence.Contracts;
using NATS.NKeys;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>
/// Issues users of one NATS account with permissions of their own, and recognises users that it issued. The servers
/// need no notification: they trust every user that the account's key has signed.
/// </summary>
internal sealed class NatsUserIssuer : IDisposable
{
    private const int Unlimited = -1;
    private const int JwtVersion = 2;

    private readonly KeyPair _signer;
    private readonly string _account;

    /// <param name="signingSeed">Seed of the account, or of one of its signing keys: SA...</param>
    /// <param name="accountPublicKey">The account: A...; null if the seed is the account's own.</param>
    /// <exception cref="ArgumentException">One of them is not an account's. The message quotes neither.</exception>
    public NatsUserIssuer(string signingSeed, string? accountPublicKey)
    {
        _signer = ReadSeed(signingSeed);
        _account = accountPublicKey?.Trim() ?? _signer.GetPublicKey();
        if (IsAccount(_account))
            return;

        _signer.Dispose();
        throw new ArgumentException("The account's public key is malformed: it starts with A and has 56 characters.");
    }

    /// <summary>Issues a user with a new key.</summary>
    public NatsCredentials Issue(string name, NatsPermissions permissions, DateTimeOffset now)
    {
        using var user = KeyPair.CreatePair(PrefixByte.User);
        return new NatsCredentials(Sign(user.GetPublicKey(), name, permissions, now), user.GetSeed());
    }

    /// <summary>
    /// Whether these credentials equal those that <see cref="Issue"/> would create now, except for the user's key and
    /// the time: same account, signing key, name and permissions.
    /// </summary>
    public bool IsCurrent(NatsCredentials credentials, string name, NatsPermissions permissions) =>
        TryReadSeed(credentials.Seed, out var user)
        && TryReadIssueTime(credentials.Jwt, out var issuedAt)
        && credentials.Jwt == Sign(user, name, permissions, issuedAt);

    /// <inheritdoc />
    public void Dispose() => _signer.Dispose();

    private string Sign(string user, string name, NatsPermissions permissions, DateTimeOffset issuedAt) =>
        NatsJwt.Sign(_signer, user, name, issuedAt, json =>
        {
            WriteAllowed(json, "pub", permissions.Publish);
            WriteAllowed(json, "sub", permissions.Subscribe);
            json.WriteNumber("subs", Unlimited);
            json.WriteNumber("data", Unlimited);
            json.WriteNumber("payload", Unlimited);
            if (_signer.GetPublicKey() != _account)
                json.WriteString("issuer_account", _account);
            json.WriteString("type", "user");
            json.WriteNumber("version", JwtVersion);
        });

    private static void WriteAllowed(Utf8JsonWriter json, string direction, IReadOnlyList<string> subjects)
    {
        json.WriteStartObject(direction);
        json.WriteStartArray("allow");
        foreach (var subject in subjects)
            json.WriteStringValue(subject);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static KeyPair ReadSeed(string seed)
    {
        var text = seed.Trim();
        if (!NatsKeyText.IsSeed(text))
            throw new ArgumentException(
                "The account signing key is malformed: a seed has 58 characters, each of A to Z or 2 to 7.");

        try
        {
            var pair = KeyPair.FromSeed(text);
            if (pair.Prefix == PrefixByte.Account)
                return pair;

            pair.Dispose();
        }
        catch (NKeysException error)
        {
            throw new ArgumentException(
                $"The account signing key is malformed ({error.Message}). Was it cut or mistyped?", error);
        }

        throw new ArgumentException(
            "The account signing key is the seed of something else: an account's starts with SA.");
    }

    private static bool IsAccount(string publicKey)
    {
        try
        {
            return NatsKeyText.IsPublicKey(publicKey) && KeyPair.IsValidPublicKey(PrefixByte.Account, publicKey);
        }
        catch (NKeysException)
        {
            return false;
        }
    }

    private static bool TryReadSeed(string seed, out string publicKey)
    {
        publicKey = "";
        if (!NatsKeyText.IsSeed(seed))
            return false;

        try
        {
            using var pair = KeyPair.FromSeed(seed);
            publicKey = pair.GetPublicKey();
            return pair.Prefix == PrefixByte.User;
        }
        catch (NKeysException)
        {
            return false;
        }
    }

    private static bool TryReadIssueTime(string jwt, out DateTimeOffset issuedAt)
    {
        issuedAt = default;
        if (jwt.Split('.') is not [_, var claims, _] || !Base64Url.IsValid(claims))
            return false;

        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(claims));
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("iat", out var seconds)
                || seconds.ValueKind != JsonValueKind.Number
                || !seconds.TryGetInt64(out var value)
                || value < 0
                || value > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                return false;

            issuedAt = DateTimeOffset.FromUnixTimeSeconds(value);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
