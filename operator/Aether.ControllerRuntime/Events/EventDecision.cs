namespace Aether.ControllerRuntime;

/// <summary>How to record an event.</summary>
internal enum EventDecision
{
    /// <summary>Write a new event object.</summary>
    Create,

    /// <summary>Raise the count of the event object written before.</summary>
    Count,

    /// <summary>Count the repetition in memory; the count is written at the next power of two.</summary>
    Remember,

    /// <summary>Drop the event: its object has too many different ones.</summary>
    Drop,
}
