namespace NATS.NKeys;

/// <summary>The checksum at the end of a key's text: CRC-16/XMODEM.</summary>
internal static class Crc16
{
    private const ushort Polynomial = 0x1021;
    private const ushort HighBit = 0x8000;

    public static ushort Compute(ReadOnlySpan<byte> data)
    {
        ushort crc = 0;
        foreach (var value in data)
        {
            crc ^= (ushort)(value << 8);
            for (var bit = 0; bit < 8; bit++)
                crc = (ushort)((crc & HighBit) != 0 ? (crc << 1) ^ Polynomial : crc << 1);
        }

        return crc;
    }
}
