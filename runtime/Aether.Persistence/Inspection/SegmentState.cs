namespace Aether.Persistence.Inspection;

/// <summary>The result of inspecting a segment.</summary>
public enum SegmentState
{
    /// <summary>Sound, and followed by another.</summary>
    Sealed,

    /// <summary>Sound, and the last one: written to by an agent, or by the last that had the volume.</summary>
    Active,

    /// <summary>The last one, with a block that was not completely written; the next agent cuts it off.</summary>
    Torn,

    /// <summary>An agent refuses to start on it.</summary>
    Damaged,
}
