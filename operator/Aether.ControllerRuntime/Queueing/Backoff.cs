namespace Aether.ControllerRuntime;

/// <summary>Delays that double with each failure up to a limit; jitter shortens each by up to half.</summary>
internal sealed record Backoff(TimeSpan Base, TimeSpan Limit, RandomSource Random)
{
    /// <summary>The delay after this number of consecutive failures, counted from 1.</summary>
    public TimeSpan After(int failures)
    {
        var full = Math.Min(Limit.TotalSeconds, Base.TotalSeconds * Math.Pow(2, failures - 1));
        return TimeSpan.FromSeconds(full * (0.5 + (0.5 * Random())));
    }
}
