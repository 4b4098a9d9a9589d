using Aether.Persistence.Contracts;

namespace Aether.Client;

/// <summary>How a world reaches the agent beside it.</summary>
public sealed record AetherWorldOptions
{
    /// <summary>
    /// Path of the agent's gRPC socket. Default: <c>$AETHER_SOCKET</c>, which the operator sets in the world's
    /// containers, else <c>/run/aether/agent.sock</c>.
    /// </summary>
    public string SocketPath { get; init; } =
        Environment.GetEnvironmentVariable(AetherVariables.Socket) is { Length: > 0 } path
            ? path
            : Path.Combine(AetherNames.SocketDirectory, AetherNames.SocketFile);

    /// <summary>
    /// Longest that connecting waits for the agent to have recovered the state; 0 or more. Default: 2 minutes.
    /// </summary>
    public TimeSpan ReadyTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(ReadyTimeout));
            field = value;
        }
    } = TimeSpan.FromMinutes(2);

    /// <summary>When calls the agent could not answer are made again.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>
    /// Most bytes of commits that may be handed over and not answered yet, in each <see cref="WorldCommitStream"/> and
    /// of all that <see cref="AetherWorld.CommitAsync"/> was given, together; 1 or more. One beyond is refused at once
    /// (<see cref="AgentOverloadedException"/>), unless it is the only one. A commit counts with its size on the wire,
    /// and with 512 bytes, and 256 for each of its mutations, for what else it takes. Default: 64 MiB.
    /// </summary>
    public long MaxUnansweredBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxUnansweredBytes));
            field = value;
        }
    } = 64 << 20;

    /// <summary>
    /// Longest that the agent may be silent while calls are open, 8 s to 1 day. Calls without an answer then end as if
    /// the agent had gone away: its process is frozen, or gets no CPU. An agent that works answers the client's pings,
    /// however long a call takes. Default: 30 s.
    /// </summary>
    public TimeSpan SilenceLimit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromSeconds(8), nameof(SilenceLimit));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1), nameof(SilenceLimit));
            field = value;
        }
    } = TimeSpan.FromSeconds(30);

    /// <summary>The clock that waits and deadlines go by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
