namespace Aether.Operator.Kinds;

/// <summary>The store through which a world's agents report to the operator.</summary>
internal enum ReportChannel
{
    /// <summary>A stream of the backend's NATS.</summary>
    Nats,

    /// <summary>A table of the world's schema, for worlds without a NATS user.</summary>
    Postgres,
}
