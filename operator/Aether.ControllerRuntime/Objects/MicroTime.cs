using System.Globalization;

namespace Aether.ControllerRuntime;

/// <summary>Times as the API server's MicroTime wants them.</summary>
internal static class MicroTime
{
    /// <summary>
    /// The time in whole microseconds, never on a whole second: MicroTime must have six decimals, which
    /// KubernetesClient leaves out when they are all zero.
    /// </summary>
    public static DateTime Of(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond);
        if (ticks % TimeSpan.TicksPerSecond == 0)
            ticks += TimeSpan.TicksPerMicrosecond;
        return new DateTime(ticks, DateTimeKind.Utc);
    }

    /// <summary>
    /// The time as text, for patches: as a value of its own KubernetesClient would write it without trailing zeros.
    /// </summary>
    public static string Text(DateTimeOffset time) =>
        Of(time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
