namespace Aether.Agent.Metrics;

/// <summary>Why a reader of the state did not get all of it.</summary>
internal enum ReaderEnd
{
    /// <summary>There were as many readers as may be.</summary>
    TooMany,

    /// <summary>It did not read for too long.</summary>
    TooSlow,
}
