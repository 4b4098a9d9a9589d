namespace Aether.Persistence.Inspection;

/// <summary>The result of inspecting a segment.</summary>
public enum SegmentState
{
    /// <summary>Sound, and followed by another segment.</summary>
    Sealed,

    /// <summary>Sound, and the last segment, to which an agent writes or last wrote.</summary>
    Active,

    /// <summary>The last segment, with a block that was not written completely; the next agent cuts it off.</summary>
    Torn,

    /// <summary>Damaged: no agent starts on it.</summary>
    Damaged,
}
