using Aether.Persistence.Contracts;

namespace Aether.Operator.Injection;

/// <summary>Settings that all injected agents share.</summary>
internal sealed record InjectionOptions
{
    /// <summary>Image of the agent if the world sets none.</summary>
    public required string AgentImage { get; init; }

    /// <summary>Format of the agents' log entries. Default: Text.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>
    /// How long a recovery may take before the kubelet kills the agent and it starts over. A killed recovery is lost
    /// work, so this is long. Default: 6 hours.
    /// </summary>
    public TimeSpan RecoveryTimeout { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// Requests of the agent's container by resource if the world sets none. Default: 100m CPU, 128 MiB.
    /// </summary>
    public IReadOnlyDictionary<string, string> DefaultRequests { get; init; } =
        new Dictionary<string, string> { ["cpu"] = "100m", ["memory"] = "128Mi" };

    /// <summary>
    /// Limits by resource if the world sets none. The state is kept in memory, and a limit that fits one world kills
    /// the agent of another, so only the world's owner can choose one. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> DefaultLimits { get; init; } = new Dictionary<string, string>();
}
