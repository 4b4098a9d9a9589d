namespace Aether.Operator.LiveStatus;

/// <summary>
/// The RPO in steps coarse enough that a person would act on another one: a world in order stays on the first however
/// busy it is.
/// </summary>
internal static class RpoStep
{
    private static readonly (double Seconds, string Text)[] Steps =
    [
        (86_400, "1d"), (21_600, "6h"), (3_600, "1h"), (900, "15m"), (300, "5m"), (60, "1m"), (15, "15s"), (5, "5s"),
        (1, "1s"), (0, "0s"),
    ];

    /// <summary>The step reached; null where there is no RPO.</summary>
    public static string? Of(double? seconds) =>
        seconds is { } value ? Steps.First(step => value >= step.Seconds || step.Seconds == 0).Text : null;
}
