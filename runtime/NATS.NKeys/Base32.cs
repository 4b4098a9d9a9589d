namespace NATS.NKeys;

/// <summary>RFC 4648 base32, upper case, written without padding.</summary>
public static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int BitsPerByte = 8;
    private const int BitsPerCharacter = 5;
    private const char Padding = '=';

    /// <summary>Decodes <paramref name="encoded"/>, with or without padding.</summary>
    /// <param name="encoded">The text.</param>
    /// <param name="result">Receives the bytes; <see cref="GetDataLength"/> of them.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">A character is not of the alphabet, or the result is too small.</exception>
    public static int FromBase32(ReadOnlySpan<char> encoded, Span<byte> result)
    {
        var length = GetDataLength(encoded);
        if (result.Length < length)
            throw new ArgumentException($"{length} bytes do not fit into {result.Length}.", nameof(result));

        var written = 0;
        uint bits = 0;
        var count = 0;
        foreach (var character in encoded)
        {
            if (character == Padding)
                continue;

            bits = (bits << BitsPerCharacter) | (uint)ValueOf(character);
            count += BitsPerCharacter;
            if (count < BitsPerByte)
                continue;

            count -= BitsPerByte;
            result[written++] = (byte)(bits >> count);
        }

        return written;
    }

    /// <summary>Encodes <paramref name="data"/> without padding.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="output">Receives the text; <see cref="GetEncodedLength"/> characters of it.</param>
    /// <returns>How many characters were written.</returns>
    /// <exception cref="ArgumentException">The output is too small.</exception>
    public static int ToBase32(ReadOnlySpan<byte> data, Span<char> output)
    {
        var length = GetEncodedLength(data);
        if (output.Length < length)
            throw new ArgumentException($"{length} characters do not fit into {output.Length}.", nameof(output));

        for (var character = 0; character < length; character++)
        {
            var bit = character * BitsPerCharacter;
            var first = data[bit / BitsPerByte];
            var second = bit / BitsPerByte + 1 < data.Length ? data[bit / BitsPerByte + 1] : 0;
            var window = (first << BitsPerByte) | second;
            output[character] = Alphabet[(window >> (2 * BitsPerByte - BitsPerCharacter - bit % BitsPerByte)) & 31];
        }

        return length;
    }

    /// <summary>How many bytes <paramref name="encoded"/> holds.</summary>
    /// <param name="encoded">The text.</param>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="ArgumentException">A character is not of the alphabet.</exception>
    public static int GetDataLength(ReadOnlySpan<char> encoded)
    {
        var characters = 0;
        foreach (var character in encoded)
        {
            if (character == Padding)
                continue;

            _ = ValueOf(character);
            characters++;
        }

        return characters * BitsPerCharacter / BitsPerByte;
    }

    /// <summary>How many characters encode <paramref name="data"/>.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>The number of characters.</returns>
    public static int GetEncodedLength(ReadOnlySpan<byte> data) =>
        (data.Length * BitsPerByte + BitsPerCharacter - 1) / BitsPerCharacter;

    // The character is not quoted: it may be part of a seed.
    private static int ValueOf(char character) => character switch
    {
        >= 'A' and <= 'Z' => character - 'A',
        >= '2' and <= '7' => character - '2' + 26,
        _ => throw new ArgumentException("A character is neither A to Z nor 2 to 7."),
    };
}
