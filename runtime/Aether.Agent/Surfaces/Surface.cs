namespace Aether.Agent.Surfaces;

/// <summary>Which of the agent's listeners a connection came in by, and an endpoint answers on.</summary>
internal enum Surface
{
    /// <summary>gRPC on the Unix socket.</summary>
    Grpc,

    /// <summary>JSON on its own Unix socket.</summary>
    Json,

    /// <summary>Health and metrics on the TCP address; the only one other pods can reach.</summary>
    Health,
}
