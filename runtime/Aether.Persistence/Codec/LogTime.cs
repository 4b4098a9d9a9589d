namespace Aether.Persistence.Codec;

/// <summary>Times as the formats hold them: microseconds since 1970, as an i64.</summary>
internal static class LogTime
{
    private static readonly long Earliest = ToMicroseconds(DateTimeOffset.MinValue);
    private static readonly long Latest = ToMicroseconds(DateTimeOffset.MaxValue);

    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A time as it is read again.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <exception cref="InvalidDataException">There is no such time; see <see cref="IsTime"/>.</exception>
    public static DateTimeOffset FromMicroseconds(long microseconds) => IsTime(microseconds)
        ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
        : throw new InvalidDataException($"{microseconds} µs after 1970 is no time.");

    public static bool IsTime(long microseconds) => microseconds >= Earliest && microseconds <= Latest;
}
