using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using NATS.NKeys;

namespace Aether.Operator.Tests.Provisioning.Nats;

public sealed class NatsUserIssuerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly NatsPermissions Permissions = NatsPermissions.For(WorldNames.For("games", "economy"));

    private readonly string _seed = NewSeed(PrefixByte.Account);

    [Fact]
    public void What_was_issued_is_current_and_stays_so_as_a_file()
    {
        using var issuer = new NatsUserIssuer(_seed, accountPublicKey: null);

        var text = issuer.Issue("games/economy", Permissions, Now).Format();

        Assert.True(NatsCredentials.TryParse(text, out var credentials));
        Assert.True(issuer.IsCurrent(credentials, "games/economy", Permissions));
    }

    [Fact]
    public void Another_signing_key_name_or_permission_makes_it_outdated()
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
    public void A_mangled_token_is_outdated_and_no_error(string jwt)
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
    public void Only_an_account_may_sign(PrefixByte prefix)
    {
        var seed = NewSeed(prefix);

        var error = Assert.Throws<ArgumentException>(() => new NatsUserIssuer(seed, accountPublicKey: null));

        Assert.DoesNotContain(seed, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("starts with SA", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_signing_key_or_account_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new NatsUserIssuer("SA", accountPublicKey: null));
        Assert.Throws<ArgumentException>(() => new NatsUserIssuer(_seed, "A"));
    }

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
