namespace Aether.Operator.Kinds;

/// <summary>By which store a world's agents report to the operator.</summary>
internal enum ReportChannel
{
    /// <summary>A stream of the backend's NATS.</summary>
    Nats,

    /// <summary>A table of the world's schema, for worlds that have no NATS user.</summary>
    Postgres,
}
