namespace Aether.ControllerRuntime;

/// <summary>Settings of the caches' lists and watches.</summary>
public sealed record WatchOptions
{
    /// <summary>Objects per page of a list. Default: 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// How long the server keeps a watch open, in whole seconds; jitter extends each watch to at most twice that.
    /// Default: 5 minutes.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long after its timeout a watch that has not ended is considered dead; other requests have a timeout of 30 s.
    /// Default: 30 s.
    /// </summary>
    public TimeSpan SilenceGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Delay after the first failure; doubles with each further failure, with jitter. Default: 500 ms.
    /// </summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest delay between attempts. Default: 30 s.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromSeconds(30);
}
