namespace Aether.ControllerRuntime;

/// <summary>Settings that all controllers of a process share.</summary>
public sealed record OperatorSettings
{
    /// <summary>
    /// The operator's name: the field manager of every write, <c>reportingController</c> of events, and User-Agent.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Leader election; null runs the controllers without it. Default: null.</summary>
    public LeaderElectionOptions? LeaderElection { get; init; }

    /// <summary>
    /// How long running reconciles may take to end at shutdown before they are cancelled. Default: 10 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How the caches list and watch.</summary>
    public WatchOptions Watch { get; init; } = new();
}
