namespace Aether.ControllerRuntime;

/// <summary>What to do about an event.</summary>
internal enum EventDecision
{
    /// <summary>Write it.</summary>
    Create,

    /// <summary>Raise the count of the one that was written.</summary>
    Count,

    /// <summary>Only remember that it happened again; the count is written at the next power of two.</summary>
    Remember,

    /// <summary>Drop it: too many different ones about the same object.</summary>
    Drop,
}
