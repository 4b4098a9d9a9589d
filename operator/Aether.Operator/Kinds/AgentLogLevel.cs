namespace Aether.Operator.Kinds;

/// <summary>How much an agent logs.</summary>
internal enum AgentLogLevel
{
    /// <summary>Everything.</summary>
    Trace,

    /// <summary>What a developer wants to see.</summary>
    Debug,

    /// <summary>Starts, stops and what was recovered.</summary>
    Information,

    /// <summary>What may need attention.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,
}
