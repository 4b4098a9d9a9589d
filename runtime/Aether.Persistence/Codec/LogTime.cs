namespace Aether.Persistence.Codec;

/// <summary>
/// Converts times to and from the form of the log and the snapshots: microseconds since 1970, as an i64.
/// </summary>
internal static class LogTime
{
    private static readonly long Earliest = ToMicroseconds(DateTimeOffset.MinValue);
    private static readonly long Latest = ToMicroseconds(DateTimeOffset.MaxValue);

    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time that reading returns for a time that was written.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <exception cref="InvalidDataException">The number is not a valid time; see <see cref="IsTime"/>.</exception>
    public static DateTimeOffset FromMicroseconds(long microseconds) => IsTime(microseconds)
        ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
        : throw new InvalidDataException($"{microseconds} µs after 1970 is not a valid time.");

    public static bool IsTime(long microseconds) => microseconds >= Earliest && microseconds <= Latest;
}
