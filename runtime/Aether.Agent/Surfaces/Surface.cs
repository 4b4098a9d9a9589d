namespace Aether.Agent.Surfaces;

/// <summary>The listener through which a connection arrived, or on which an endpoint answers.</summary>
internal enum Surface
{
    /// <summary>gRPC on the Unix socket.</summary>
    Grpc,

    /// <summary>JSON on its own Unix socket.</summary>
    Json,

    /// <summary>Health and metrics on the TCP address, the only surface that other pods can reach.</summary>
    Health,
}
