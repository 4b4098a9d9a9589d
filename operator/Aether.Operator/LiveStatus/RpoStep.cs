namespace Aether.Operator.LiveStatus;

/// <summary>
/// The RPO in coarse steps, so that a step is a change a user would act on: a healthy world stays on the first, however
/// busy it is.
/// </summary>
internal static class RpoStep
{
    private static readonly (double Seconds, string Text)[] Steps =
    [
        (86_400, "1d"), (21_600, "6h"), (3_600, "1h"), (900, "15m"), (300, "5m"), (60, "1m"), (15, "15s"), (5, "5s"),
        (1, "1s"), (0, "0s"),
    ];

    /// <summary>The step of an RPO; null if there is none.</summary>
    public static string? Of(double? seconds) =>
        seconds is { } value ? Steps.First(step => value >= step.Seconds || step.Seconds == 0).Text : null;
}
