using Aether.Persistence.State;

namespace Aether.Persistence.Snapshots;

/// <summary>Describes a snapshot. Written last: without it the snapshot does not exist.</summary>
public sealed record SnapshotManifest
{
    /// <summary>The last commit in the state.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>Epoch of the writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>When the state was captured: the later of the writer's clock and the lease store's.</summary>
    public required DateTimeOffset CapturedAt { get; init; }

    /// <summary>Digest of the state.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>Keys in the state.</summary>
    public required ulong Keys { get; init; }

    /// <summary>Version of the encoding of the chunks.</summary>
    public required int FormatVersion { get; init; }
}
