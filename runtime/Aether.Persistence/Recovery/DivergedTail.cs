namespace Aether.Persistence.Recovery;

/// <summary>
/// Commits on a volume that are not part of the world, because an agent with another volume opened the world without
/// them.
/// </summary>
public sealed record DivergedTail
{
    /// <summary>The volume that holds them.</summary>
    public required Guid VolumeId { get; init; }

    /// <summary>The epoch of their last writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>The first diverged commit.</summary>
    public required Sequence First { get; init; }

    /// <summary>The last diverged commit.</summary>
    public required Sequence Last { get; init; }

    /// <summary>The folder on the volume that keeps them.</summary>
    public required string Folder { get; init; }

    /// <summary>Holder that opened the world without them.</summary>
    public required string OvertakenBy { get; init; }

    /// <summary>Number of diverged commits.</summary>
    public ulong Commits => Last.Value - First.Value + 1;
}
