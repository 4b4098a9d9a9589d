using System.Globalization;

namespace Aether.ControllerRuntime;

/// <summary>Times in the API server's MicroTime format.</summary>
internal static class MicroTime
{
    /// <summary>
    /// The time in whole microseconds, but never a whole second: MicroTime requires six decimals, and KubernetesClient
    /// omits them when they are all zero.
    /// </summary>
    public static DateTime Of(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond);
        if (ticks % TimeSpan.TicksPerSecond == 0)
            ticks += TimeSpan.TicksPerMicrosecond;
        return new DateTime(ticks, DateTimeKind.Utc);
    }

    /// <summary>The time as text for patches, where KubernetesClient would omit trailing zeros.</summary>
    public static string Text(DateTimeOffset time) =>
        Of(time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
