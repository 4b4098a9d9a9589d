using Aether.Persistence.Contracts;

namespace Aether.Operator.Injection;

/// <summary>What all injected agents have in common.</summary>
internal sealed record InjectionOptions
{
    /// <summary>Image of the agent, where a world names none.</summary>
    public required string AgentImage { get; init; }

    /// <summary>How agents write their log entries. Default: Text.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>
    /// Longest a recovery may take before the kubelet kills the agent and it starts over. A recovery that is killed is
    /// lost work, so this is long. Default: 6 hours.
    /// </summary>
    public TimeSpan RecoveryTimeout { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Requests of the agent's container by resource, where a world names none. Default: 100m CPU, 128 MiB.
    /// </summary>
    public IReadOnlyDictionary<string, string> DefaultRequests { get; init; } =
        new Dictionary<string, string> { ["cpu"] = "100m", ["memory"] = "128Mi" };

    /// <summary>
    /// Limits by resource, where a world names none. State is kept in memory, and only its owner knows how large it may
    /// grow: a limit that fits one world kills the agent of another. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> DefaultLimits { get; init; } = new Dictionary<string, string>();
}
