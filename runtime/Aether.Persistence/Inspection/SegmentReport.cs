namespace Aether.Persistence.Inspection;

/// <summary>What a segment of a log holds, as far as it can be read.</summary>
public sealed record SegmentReport
{
    /// <summary>Its path on the volume.</summary>
    public required string File { get; init; }

    /// <summary>Its first commit; <see cref="Sequence.None"/> if no block can be read.</summary>
    public required Sequence First { get; init; }

    /// <summary>Its last commit; <see cref="Sequence.None"/> if no block can be read.</summary>
    public required Sequence Last { get; init; }

    /// <summary>The lowest epoch of its blocks.</summary>
    public required Epoch LowestEpoch { get; init; }

    /// <summary>The highest epoch of its blocks.</summary>
    public required Epoch HighestEpoch { get; init; }

    /// <summary>Number of sound blocks.</summary>
    public required ulong Blocks { get; init; }

    /// <summary>Where the last sound block ends.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Size of the file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>When its first block was closed, by the writer's clock.</summary>
    public required DateTimeOffset? FirstAt { get; init; }

    /// <summary>When its last block was closed, by the writer's clock.</summary>
    public required DateTimeOffset? LastAt { get; init; }

    /// <summary>The verdict.</summary>
    public required SegmentState State { get; init; }

    /// <summary>Bytes of an incomplete write at the end, whose writer died.</summary>
    public required long TornBytes { get; init; }

    /// <summary>Each place where the segment is damaged.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }
}
