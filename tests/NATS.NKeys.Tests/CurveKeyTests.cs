using CsCheck;

namespace NATS.NKeys.Tests;

public sealed class CurveKeyTests
{
    private const string SenderSeed = "SXAGNMZV5RQ4D2QH3OFNTFLEC5HXFVQH6LVOTTZJUL6NSCOZLHK3MAICHU";
    private const string SenderKey = "XAAA2NNNVNALZFOTF5BZIJSPBOEOUFF7XTY7YCTTGQ5M7QMPAYHEITFS";
    private const string ReceiverSeed = "SXAIHIEYLZOEWYAZI65ATYJA2647S2DMTCDCELGSBJ6RXWGRZSKJ2JGGTU";
    private const string ReceiverKey = "XBCEJMCJQMOS5H73DTYRQAQ4C3PUVLHA3WIJNSKKSGBRZLGBQ3YVONMH";
    private const string Sealed = "eGt2MVaL7dT80vsL8l+LP6oiKQuA2T5KtHekZNI3G5p/6QEIxLfkm4h+OOc6";

    [Fact]
    public void A_message_sealed_by_the_reference_implementation_opens()
    {
        using var sender = KeyPair.FromSeed(SenderSeed);
        using var receiver = KeyPair.FromSeed(ReceiverSeed);

        var opened = receiver.Open(Convert.FromBase64String(Sealed), SenderKey);

        Assert.Equal(SenderKey, sender.GetPublicKey());
        Assert.Equal(ReceiverKey, receiver.GetPublicKey());
        Assert.Equal([0xB9], opened);
    }

    [Fact]
    public void What_is_sealed_opens_for_its_receiver_only()
    {
        using var sender = KeyPair.CreatePair(PrefixByte.Curve);
        using var receiver = KeyPair.CreatePair(PrefixByte.Curve);
        using var stranger = KeyPair.CreatePair(PrefixByte.Curve);

        Gen.Byte.Array[0, 500].Sample(data =>
        {
            var sealedBytes = sender.Seal(data, receiver.GetPublicKey());

            Assert.Equal(data, receiver.Open(sealedBytes, sender.GetPublicKey()));
            Assert.Throws<NKeysException>(() => stranger.Open(sealedBytes, sender.GetPublicKey()));
            Assert.Throws<NKeysException>(() => receiver.Open(sealedBytes, stranger.GetPublicKey()));
        }, iter: 50);
    }

    [Fact]
    public void A_changed_or_cut_message_does_not_open()
    {
        using var receiver = KeyPair.FromSeed(ReceiverSeed);
        var original = Convert.FromBase64String(Sealed);

        for (var position = 0; position < original.Length; position++)
        {
            var changed = original.ToArray();
            changed[position] ^= 1;

            Assert.Throws<NKeysException>(() => receiver.Open(changed, SenderKey));
            Assert.Throws<NKeysException>(() => receiver.Open(original[..position], SenderKey));
        }
    }

    [Fact]
    public void A_curve_key_does_not_sign_and_a_signing_key_does_not_seal()
    {
        using var curve = KeyPair.CreatePair(PrefixByte.Curve);
        using var user = KeyPair.CreatePair(PrefixByte.User);

        Assert.Throws<NKeysException>(() => curve.Sign(new byte[1], new byte[64]));
        Assert.Throws<NKeysException>(() => curve.Verify(new byte[1], new byte[64]));
        Assert.Throws<NKeysException>(() => user.Seal([1], curve.GetPublicKey()));
        Assert.Throws<NKeysException>(() => curve.Seal([1], user.GetPublicKey()));
        Assert.Throws<NKeysException>(() => user.Open(new byte[64], curve.GetPublicKey()));
    }
}
