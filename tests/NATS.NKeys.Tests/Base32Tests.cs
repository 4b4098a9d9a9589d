using System.Text;
using CsCheck;

namespace NATS.NKeys.Tests;

public sealed class Base32Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Text_is_that_of_RFC_4648_without_padding(string plain, string expected)
    {
        var data = Encoding.ASCII.GetBytes(plain);
        var text = new char[Base32.GetEncodedLength(data)];

        var written = Base32.ToBase32(data, text);

        Assert.Equal(expected.Length, written);
        Assert.Equal(expected, new string(text));
    }

    [Fact]
    public void Bytes_come_back_with_and_without_padding() => Gen.Byte.Array[0, 100].Sample(data =>
    {
        var text = new char[Base32.GetEncodedLength(data)];
        Base32.ToBase32(data, text);
        var padded = new string(text).PadRight((text.Length + 7) / 8 * 8, '=');
        var result = new byte[data.Length];

        Assert.Equal(data.Length, Base32.GetDataLength(text));
        Assert.Equal(data.Length, Base32.FromBase32(padded, result));
        Assert.Equal(data, result);
    });

    [Theory]
    [InlineData("M1")]
    [InlineData("my")]
    [InlineData("M Y")]
    public void Other_characters_are_refused(string text)
    {
        Assert.Throws<ArgumentException>(() => Base32.FromBase32(text, new byte[8]));
        Assert.Throws<ArgumentException>(() => Base32.GetDataLength(text));
    }

    [Fact]
    public void A_target_too_small_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Base32.FromBase32("MZXW6YTBOI", new byte[5]));
        Assert.Throws<ArgumentException>(() => Base32.ToBase32("foobar"u8, new char[9]));
    }
}
