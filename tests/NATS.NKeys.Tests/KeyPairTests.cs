using System.Text;
using CsCheck;

namespace NATS.NKeys.Tests;

public sealed class KeyPairTests
{
    private const string OperatorSeed = "SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JM";
    private const string OperatorKey = "ODPWIBQJVIQ42462QAFI2RKJC4RZHCQSIVPRDDHWFCJAP52NRZK6Z2YC";

    [Fact]
    public void A_published_seed_gives_its_published_key()
    {
        using var pair = KeyPair.FromSeed(OperatorSeed);

        Assert.Equal(PrefixByte.Operator, pair.Prefix);
        Assert.Equal(OperatorKey, pair.GetPublicKey());
        Assert.Equal(OperatorSeed, pair.GetSeed());
    }

    [Theory]
    [InlineData(
        "9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60", "",
        "E5564300C360AC729086E2CC806E828A84877F1EB8E5D974D873E06522490155"
        + "5FB8821590A33BACC61E39701CF9B46BD25BF5F0595BBE24655141438E7A100B")]
    [InlineData(
        "4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB", "72",
        "92A009A9F0D4CAB8720E820B5F642540A2B27B5416503F8FB3762223EBDB69DA"
        + "085AC1E43E15996E458F3613D0F11D8C387B2EAEB4302AEEB00D291612BB0C00")]
    [InlineData(
        "C5AA8DF43F9F837BEDB7442F31DCB7B166D38535076F094B85CE3A2E0B4458F7", "AF82",
        "6291D657DEEC24024827E69C3ABE01A30CE548A284743A445E3680D7DB5AC3AC"
        + "18FF9B538D16F290AE67F760984DC6594A7C15E9716ED28DC027BECEEA1EC40A")]
    public void Signatures_are_those_of_RFC_8032(string seed, string message, string expected)
    {
        using var random = new FixedRandom(Convert.FromHexString(seed));
        using var pair = KeyPair.CreatePair(PrefixByte.User, random);
        var signature = new byte[64];

        pair.Sign(Convert.FromHexString(message), signature);

        Assert.Equal(expected, Convert.ToHexString(signature));
        Assert.True(pair.Verify(Convert.FromHexString(message), signature));
    }

    [Theory]
    [InlineData(PrefixByte.Account, 'A')]
    [InlineData(PrefixByte.Cluster, 'C')]
    [InlineData(PrefixByte.Server, 'N')]
    [InlineData(PrefixByte.Operator, 'O')]
    [InlineData(PrefixByte.User, 'U')]
    [InlineData(PrefixByte.Curve, 'X')]
    public void A_new_key_is_readable_again_and_shows_its_kind(PrefixByte prefix, char letter)
    {
        using var pair = KeyPair.CreatePair(prefix);
        using var again = KeyPair.FromSeed(pair.GetSeed());

        Assert.Equal(letter, pair.GetPublicKey()[0]);
        Assert.StartsWith($"S{letter}", pair.GetSeed(), StringComparison.Ordinal);
        Assert.Equal(pair.GetPublicKey(), again.GetPublicKey());
        Assert.Equal(prefix, again.Prefix);
        Assert.True(KeyPair.IsValidPublicKey(prefix, pair.GetPublicKey()));
    }

    [Fact]
    public void A_public_key_of_another_kind_is_told_apart() =>
        Assert.False(KeyPair.IsValidPublicKey(PrefixByte.User, OperatorKey));

    [Fact]
    public void A_public_key_verifies_and_does_not_sign()
    {
        using var signer = KeyPair.FromSeed(OperatorSeed);
        using var verifier = KeyPair.FromPublicKey(OperatorKey);
        var signature = new byte[64];

        signer.Sign("trade"u8.ToArray(), signature);

        Assert.True(verifier.Verify("trade"u8.ToArray(), signature));
        Assert.Throws<NKeysException>(() => verifier.Sign("trade"u8.ToArray(), signature));
        Assert.Throws<NKeysException>(verifier.GetSeed);
    }

    [Fact]
    public void No_changed_message_or_signature_verifies()
    {
        using var pair = KeyPair.CreatePair(PrefixByte.User);

        Gen.Select(Gen.Byte.Array[1, 200], Gen.Int[0, 63], Gen.Int[0, 7]).Sample((message, position, bit) =>
        {
            var signature = new byte[64];
            pair.Sign(message, signature);
            var otherMessage = message.ToArray();
            otherMessage[position % message.Length] ^= (byte)(1 << bit);
            var otherSignature = signature.ToArray();
            otherSignature[position] ^= (byte)(1 << bit);

            return pair.Verify(message, signature)
                && !pair.Verify(otherMessage, signature)
                && !pair.Verify(message, otherSignature)
                && !pair.Verify(message, signature.AsMemory(1));
        }, iter: 200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData(OperatorKey)]
    [InlineData("SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4J")]
    [InlineData("SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JMA")]
    [InlineData("SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JA")]
    [InlineData("soaelh6njcek4hst5644g4hk7toafzgrrjhnm4eukuy7ppndliko5ih4jm")]
    [InlineData("SOAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4=M")]
    [InlineData("1OAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JM")]
    public void A_malformed_seed_is_refused_and_not_quoted(string text)
    {
        var error = Assert.Throws<NKeysException>(() => KeyPair.FromSeed(text));

        if (text.Length > 1)
            Assert.DoesNotContain(text, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_with_one_character_changed_is_refused()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

        for (var position = 0; position < OperatorSeed.Length - 1; position++)
        {
            var text = new StringBuilder(OperatorSeed);
            text[position] = alphabet[(alphabet.IndexOf(text[position], StringComparison.Ordinal) + 1) % 32];

            Assert.Throws<NKeysException>(() => KeyPair.FromSeed(text.ToString()));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData((18 << 3) | 1)]
    [InlineData(200)]
    public void There_is_no_key_of_an_unknown_kind(byte prefix) =>
        Assert.Throws<NKeysException>(() => KeyPair.CreatePair((PrefixByte)prefix));

    [Fact]
    public void A_disposed_key_gives_nothing_away()
    {
        var pair = KeyPair.CreatePair(PrefixByte.User);

        pair.Dispose();

        Assert.Throws<ObjectDisposedException>(pair.GetSeed);
        Assert.Throws<ObjectDisposedException>(() => pair.Sign(new byte[1], new byte[64]));
    }
}
