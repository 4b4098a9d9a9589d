namespace Aether.Agent.Metrics;

/// <summary>Why a reader of the state did not get the whole answer.</summary>
internal enum ReaderEnd
{
    /// <summary>There were already as many readers as allowed.</summary>
    TooMany,

    /// <summary>The client did not read for too long.</summary>
    TooSlow,
}
