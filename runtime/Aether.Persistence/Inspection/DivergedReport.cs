namespace Aether.Persistence.Inspection;

/// <summary>A log that was set aside because another writer had continued the world without its tail.</summary>
public sealed record DivergedReport
{
    /// <summary>Its folder on the volume.</summary>
    public required string Folder { get; init; }

    /// <summary>Epoch of its last writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>The first commit that is not part of the world.</summary>
    public required Sequence First { get; init; }

    /// <summary>The last such commit.</summary>
    public required Sequence Last { get; init; }

    /// <summary>Number of such commits.</summary>
    public required ulong Commits { get; init; }

    /// <summary>When the last such commit was written, by the writer's clock.</summary>
    public required DateTimeOffset? LastAt { get; init; }

    /// <summary>Segments in the folder.</summary>
    public required int Segments { get; init; }

    /// <summary>Their size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Each place where the log is damaged.</summary>
    public required IReadOnlyList<LogDamage> Damages { get; init; }
}
