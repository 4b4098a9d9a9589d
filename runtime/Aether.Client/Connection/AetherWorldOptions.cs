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

    /// <summary>The clock that waits and deadlines go by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
