namespace Aether.ControllerRuntime;

/// <summary>What a pass over one object came to, and when to look at the object again.</summary>
public sealed record ReconcileResult
{
    private ReconcileResult(TimeSpan? delay, string? failure)
    {
        Delay = delay;
        Failure = failure;
    }

    /// <summary>Nothing to do until the object changes or is resynced; for a finalizer: it may be removed.</summary>
    public static ReconcileResult Done { get; } = new(null, null);

    /// <summary>When to run again at the latest; null if only a change or the backoff calls for it.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>Why the pass failed; null if it did not.</summary>
    public string? Failure { get; }

    /// <summary>Run again after <paramref name="delay"/>, or at once if that is past; resets the backoff.</summary>
    public static ReconcileResult RequeueAfter(TimeSpan delay) =>
        new(delay < TimeSpan.Zero ? TimeSpan.Zero : delay, null);

    /// <summary>
    /// An expected failure, such as a store that cannot be reached: run again after the object's growing backoff.
    /// </summary>
    /// <param name="reason">For the log; must not hold secrets.</param>
    public static ReconcileResult Failed(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new(null, reason);
    }
}
