namespace Aether.Operator.Kinds;

/// <summary>The lowest level that an agent logs.</summary>
internal enum AgentLogLevel
{
    /// <summary>Everything.</summary>
    Trace,

    /// <summary>Details for developers.</summary>
    Debug,

    /// <summary>Starts, stops and recoveries.</summary>
    Information,

    /// <summary>Events that may need attention.</summary>
    Warning,

    /// <summary>Failures.</summary>
    Error,
}
