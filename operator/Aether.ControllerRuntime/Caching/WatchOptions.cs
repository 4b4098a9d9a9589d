namespace Aether.ControllerRuntime;

/// <summary>How caches list and watch.</summary>
public sealed record WatchOptions
{
    /// <summary>Objects per page of a list. Default: 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// How long the server keeps a watch open; each one is jittered upwards to at most twice that. Whole seconds.
    /// Default: 5 minutes.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long after a watch should have ended its connection counts as dead; requests have 30 s of their own.
    /// Default: 30 s.
    /// </summary>
    public TimeSpan SilenceGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Delay before the second try after a failure; doubles, with jitter. Default: 500 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest delay between tries. Default: 30 s.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromSeconds(30);
}
