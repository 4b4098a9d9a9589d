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
    /// Longest time for which connecting waits until the agent has recovered the state; 0 or more. Default: 2 minutes.
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

    /// <summary>When to repeat calls that the agent could not answer.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>
    /// Most bytes of commits without an answer: in each <see cref="WorldCommitStream"/>, and in all calls of
    /// <see cref="AetherWorld.CommitAsync"/> together; 1 or more. A commit beyond it is refused at once
    /// (<see cref="AgentOverloadedException"/>), unless it is the only one. Each commit counts with its size on the
    /// wire plus 512 bytes, plus 256 bytes for each of its mutations. Default: 64 MiB.
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
    /// Longest silence of the agent while calls are open, 8 s to 1 day. After that, its process is considered frozen or
    /// without CPU time, and calls without an answer end as if the agent had ended. A working agent answers the
    /// client's pings, however long a call takes. Default: 30 s.
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

    /// <summary>The clock for waits and deadlines.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
