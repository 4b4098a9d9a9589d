namespace Aether.ControllerRuntime;

/// <summary>What became of a reported event.</summary>
internal enum EventOutcome
{
    /// <summary>The event was written as a new object.</summary>
    Written,

    /// <summary>The event was counted as a repetition of an earlier one.</summary>
    Counted,

    /// <summary>The event was dropped: the queue was full, or the object had too many different events.</summary>
    Dropped,

    /// <summary>The event could not be written in any attempt.</summary>
    Failed,
}
