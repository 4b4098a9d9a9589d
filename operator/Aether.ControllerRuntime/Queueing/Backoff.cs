namespace Aether.ControllerRuntime;

/// <summary>Delays that double with each failure up to a limit, each one jittered down to at most half.</summary>
internal sealed record Backoff(TimeSpan Base, TimeSpan Limit, RandomSource Random)
{
    /// <summary>The delay after the given number of failures in a row, from 1.</summary>
    public TimeSpan After(int failures)
    {
        var full = Math.Min(Limit.TotalSeconds, Base.TotalSeconds * Math.Pow(2, failures - 1));
        return TimeSpan.FromSeconds(full * (0.5 + (0.5 * Random())));
    }
}
