using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace Aether.TestServers;

/// <summary>
/// What a <see cref="NatsServer"/> in operator mode trusts: a new operator, which signs a system account and one
/// account with JetStream; that account signs its users with its own key or with a signing key.
/// </summary>
public sealed class NatsOperator
{
    private const int Unlimited = -1;
    private const int SignatureBytes = 64;
    private const long MemoryStoreBytes = 1L << 30;
    private const long FileStoreBytes = 64L << 30;

    /// <summary>Creates all keys, and signs the accounts and the administrator.</summary>
    public NatsOperator()
    {
        using var @operator = KeyPair.CreatePair(PrefixByte.Operator);
        using var system = KeyPair.CreatePair(PrefixByte.Account);
        using var account = KeyPair.CreatePair(PrefixByte.Account);
        using var signing = KeyPair.CreatePair(PrefixByte.Account);
        using var admin = KeyPair.CreatePair(PrefixByte.User);
        Account = account.GetPublicKey();
        AccountSeed = account.GetSeed();
        SigningSeed = signing.GetSeed();
        AdminSeed = admin.GetSeed();
        AdminJwt = Sign(account, admin.GetPublicKey(), User());
        AdminCredentials = Credentials(AdminJwt, AdminSeed);
        Configuration =
            $$"""
            operator: {{Sign(@operator, @operator.GetPublicKey(), Claims("operator"))}}
            resolver: MEMORY
            system_account: {{system.GetPublicKey()}}
            resolver_preload: {
              {{Account}}: {{Sign(@operator, Account, AccountClaims(signing.GetPublicKey()))}}
              {{system.GetPublicKey()}}: {{Sign(@operator, system.GetPublicKey(), SystemClaims())}}
            }
            jetstream { max_memory_store: {{MemoryStoreBytes}}, max_file_store: {{FileStoreBytes}} }
            authorization { timeout: 30 }

            """;
    }

    /// <summary>Configuration of a server that trusts this operator.</summary>
    public string Configuration { get; }

    /// <summary>The account with JetStream: A...</summary>
    public string Account { get; }

    /// <summary>Seed of the account itself: SA...</summary>
    public string AccountSeed { get; }

    /// <summary>Seed of the account's signing key: SA...</summary>
    public string SigningSeed { get; }

    /// <summary>Creds file of a user of the account with all permissions.</summary>
    public string AdminCredentials { get; }

    /// <summary>The secret in <see cref="AdminCredentials"/>: SU...</summary>
    public string AdminSeed { get; }

    /// <summary>The token in <see cref="AdminCredentials"/>.</summary>
    internal string AdminJwt { get; }

    private static JsonObject Claims(string type) => new() { ["type"] = type, ["version"] = 2 };

    // A system account may not have JetStream, so it gets no storage limits.
    private static JsonObject SystemClaims()
    {
        var claims = Claims("account");
        claims["limits"] = Limits();
        return claims;
    }

    private static JsonObject AccountClaims(string signingKey)
    {
        var claims = Claims("account");
        var limits = Limits();
        limits["mem_storage"] = MemoryStoreBytes;
        limits["disk_storage"] = FileStoreBytes;
        limits["streams"] = Unlimited;
        limits["consumer"] = Unlimited;
        claims["limits"] = limits;
        claims["signing_keys"] = new JsonArray(signingKey);
        return claims;
    }

    private static JsonObject Limits()
    {
        var limits = new JsonObject { ["wildcards"] = true };
        foreach (var limit in new[] { "subs", "data", "payload", "imports", "exports", "conn", "leaf" })
            limits[limit] = Unlimited;
        return limits;
    }

    private static JsonObject User()
    {
        var claims = Claims("user");
        foreach (var limit in new[] { "subs", "data", "payload" })
            claims[limit] = Unlimited;
        return claims;
    }

    private static string Sign(KeyPair issuer, string subject, JsonObject claims)
    {
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "ed25519-nkey" };
        var token = new JsonObject
        {
            ["iss"] = issuer.GetPublicKey(),
            ["sub"] = subject,
            ["name"] = "tests",
            ["iat"] = 0,
            ["nats"] = claims,
        };
        var body = $"{Encode(header)}.{Encode(token)}";
        var signature = new byte[SignatureBytes];
        issuer.Sign(Encoding.ASCII.GetBytes(body), signature);
        return $"{body}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject part) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string Credentials(string jwt, string seed) =>
        $"""
        -----BEGIN NATS USER JWT-----
        {jwt}
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        {seed}
        ------END USER NKEY SEED------

        """;
}
