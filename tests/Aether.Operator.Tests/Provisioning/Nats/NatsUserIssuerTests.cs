using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using NATS.NKeys;

namespace Aether.Operator.Tests.Provisioning.Nats;

[Trait("Kind", "Unit")]
public sealed class NatsUserIssuerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly NatsPermissions Permissions = NatsPermissions.For(WorldNames.For("games", "economy"));

    private readonly string _seed = NewSeed(PrefixByte.Account);

    /// <summary>
    /// Texts that are not seeds: too short, too long, a public key, lower case, padded, not base32, a wrong checksum.
    /// </summary>
    public static TheoryData<string> MalformedSeeds =>
    [
        "", "S", "SA", "SU",
        "SAAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4J",
        "SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JMA",
        "ODPWIBQJVIQ42462QAFI2RKJC4RZHCQSIVPRDDHWFCJAP52NRZK6Z2YC",
        "soaelh6njcek4hst5644g4hk7toafzgrrjhnm4eukuy7ppndliko5ih4jm",
        "SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4=M",
        "1OAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JM",
        "SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4A2",
    ];

    [Fact]
    public void Issued_credentials_are_current_also_after_being_written_to_a_file()
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);

        var text = issuer.Issue("games/economy", Permissions, Now).Format();

        Assert.True(NatsCredentials.TryParse(text, out var credentials));
        Assert.True(issuer.IsCurrent(credentials, "games/economy", Permissions));
    }

    [Fact]
    public void Credentials_with_another_signing_key_name_or_permission_are_outdated()
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);
        using var successor = new NatsUserIssuer(NewSeed(PrefixByte.Account), accountPublicKey: null);

        var credentials = issuer.Issue("games/economy", Permissions, Now);

        Assert.False(successor.IsCurrent(credentials, "games/economy", Permissions));
        Assert.False(issuer.IsCurrent(credentials, "games/other", Permissions));
        Assert.False(issuer.IsCurrent(credentials, "games/economy", Permissions with { Subscribe = [">"] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("a.e30.c")]
    [InlineData("a.eyJpYXQiOjkyMjMzNzIwMzY4NTQ3NzU4MDd9.c")]
    [InlineData("a.eyJpYXQiOiJub3cifQ.c")]
    public void Mangled_token_is_outdated_and_not_an_error(string jwt)
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);
        var credentials = issuer.Issue("games/economy", Permissions, Now) with { Jwt = jwt };

        Assert.False(issuer.IsCurrent(credentials, "games/economy", Permissions));
    }

    [Fact]
    public void A_seed_that_does_not_belong_to_the_token_is_outdated()
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);
        var credentials = issuer.Issue("games/economy", Permissions, Now);

        Assert.False(issuer.IsCurrent(
            credentials with { Seed = NewSeed(PrefixByte.User) }, "games/economy", Permissions));
        Assert.False(issuer.IsCurrent(credentials with { Seed = "SU" }, "games/economy", Permissions));
    }

    [Theory]
    [InlineData(PrefixByte.User)]
    [InlineData(PrefixByte.Operator)]
    public void Signing_key_must_be_that_of_an_account(PrefixByte prefix)
    {
        var seed = NewSeed(prefix);

        var error = Assert.Throws<ArgumentException>(() => new NatsUserIssuer(seed, accountPublicKey: null));

        Assert.DoesNotContain(seed, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("starts with SA", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MalformedSeeds))]
    public void Malformed_signing_key_is_refused_and_not_quoted(string seed)
    {
        var error = Assert.Throws<ArgumentException>(() => new NatsUserIssuer(seed, accountPublicKey: null));

        if (seed.Length > 2)
            Assert.DoesNotContain(seed, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("malformed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MalformedSeeds))]
    public void Credentials_with_a_malformed_seed_are_outdated(string seed)
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);
        var credentials = issuer.Issue("games/economy", Permissions, Now) with { Seed = seed };

        Assert.False(issuer.IsCurrent(credentials, "games/economy", Permissions));
    }

    [Fact]
    public void Signing_key_with_one_character_changed_is_refused()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

        // The last character carries two bits that no key uses.
        for (var position = 0; position < _seed.Length - 1; position++)
        {
            var text = _seed.ToCharArray();
            text[position] = alphabet[(alphabet.IndexOf(text[position], StringComparison.Ordinal) + 1) % 32];

            Assert.Throws<ArgumentException>(() => new NatsUserIssuer(new string(text), accountPublicKey: null));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("ADPWIBQJVIQ42462QAFI2RKJC4RZHCQSIVPRDDHWFCJAP52NRZK6Z2YC")]
    [InlineData("ODPWIBQJVIQ42462QAFI2RKJC4RZHCQSIVPRDDHWFCJAP52NRZK6Z2YC")]
    [InlineData("ODPWIBQJVIQ42462QAFI2RKJC4RZHCQSIVPRDDHWFCJAP52NRZK6Z2YCAA")]
    [InlineData("odpwibqjviq42462qafi2rkjc4rzhcqsivprddhwfcjap52nrzk6z2yc")]
    public void Malformed_account_is_refused(string account) =>
        Assert.Throws<ArgumentException>(() => new NatsUserIssuer(_seed, account));

    [Fact]
    public void Credentials_do_not_print_their_seed()
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);

        var credentials = issuer.Issue("games/economy", Permissions, Now);

        Assert.DoesNotContain(credentials.Seed, $"{credentials}", StringComparison.Ordinal);
    }

    private static string NewSeed(PrefixByte prefix)
    {
        using var pair = KeyPair.CreatePair(prefix);
        return pair.GetSeed();
    }
}
