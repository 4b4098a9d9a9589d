namespace Aether.Persistence.Inspection;

/// <summary>A log that was set aside because another writer overtook its tail.</summary>
public sealed record DivergedReport
{
    /// <summary>Its folder on the volume.</summary>
    public required string Folder { get; init; }

    /// <summary>Epoch of its last writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>The first commit that is no part of the world.</summary>
    public required Sequence First { get; init; }

    /// <summary>The last one.</summary>
    public required Sequence Last { get; init; }

    /// <summary>How many there are.</summary>
    public required ulong Commits { get; init; }

    /// <summary>When the last of them was written, by the writer's clock.</summary>
    public required DateTimeOffset? LastAt { get; init; }

    /// <summary>Segments in the folder.</summary>
    public required int Segments { get; init; }

    /// <summary>Their size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Each place where it is damaged.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }
}
