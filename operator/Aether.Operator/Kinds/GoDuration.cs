using System.Globalization;
using System.Text.RegularExpressions;

namespace Aether.Operator.Kinds;

/// <summary>Parses and writes durations in Kubernetes' notation: <c>100ms</c>, <c>1m30s</c>, <c>1.5h</c>.</summary>
internal static partial class GoDuration
{
    /// <summary>The notation as a pattern; the CRDs contain the same one.</summary>
    public const string Pattern = @"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$";

    private const int LongestText = 32;

    private static readonly string[] Units = ["h", "m", "s", "ms"];

    /// <summary>Parses a duration; false if the text is not a duration.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is null || text.Length > LongestText || !Whole().IsMatch(text))
            return false;

        var ticks = 0d;
        foreach (Match part in Part().Matches(text))
        {
            var number = double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            ticks += number * TicksOf(part.Groups[3].Value);
        }

        if (ticks > TimeSpan.MaxValue.Ticks / 2d)
            return false;
        duration = TimeSpan.FromTicks((long)Math.Round(ticks));
        return true;
    }

    /// <summary>Parses a validated duration.</summary>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var duration)
            ? duration
            : throw new FormatException($"'{text}' is not a duration such as 100ms, 300s or 24h.");

    /// <summary>A duration in the largest unit that divides it: <c>24h</c>, <c>90s</c>.</summary>
    public static string Write(TimeSpan duration)
    {
        var unit = duration == TimeSpan.Zero
            ? "s"
            : Units.First(candidate => duration.Ticks % TicksOf(candidate) == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / TicksOf(unit)}{unit}");
    }

    private static long TicksOf(string unit) => unit switch
    {
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        _ => TimeSpan.TicksPerHour,
    };

    [GeneratedRegex(Pattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(\.[0-9]+)?)(ms|s|m|h)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
