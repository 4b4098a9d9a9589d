namespace Aether.Persistence.Recovery;

/// <summary>Commits on a volume that are no part of the world, since another volume opened it without them.</summary>
public sealed record DivergedTail
{
    /// <summary>The volume they lie on.</summary>
    public required Guid VolumeId { get; init; }

    /// <summary>The epoch of their last writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>The first of them.</summary>
    public required Sequence First { get; init; }

    /// <summary>The last of them.</summary>
    public required Sequence Last { get; init; }

    /// <summary>The folder on the volume they are kept in.</summary>
    public required string Folder { get; init; }

    /// <summary>Who opened the world without them.</summary>
    public required string OvertakenBy { get; init; }

    /// <summary>How many.</summary>
    public ulong Commits => Last.Value - First.Value + 1;
}
