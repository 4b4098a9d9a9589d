using Aether.Persistence.State;

namespace Aether.Persistence.Snapshots;

/// <summary>What describes a snapshot. Written last: a snapshot without it does not exist.</summary>
public sealed record SnapshotManifest
{
    /// <summary>The state is the one after this commit.</summary>
    public required Sequence Sequence { get; init; }

    /// <summary>Epoch of the writer.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>When it was captured: the later of the writer's clock and the lease store's.</summary>
    public required DateTimeOffset CapturedAt { get; init; }

    /// <summary>Digest of the state.</summary>
    public required StateDigest Digest { get; init; }

    /// <summary>Keys in the state.</summary>
    public required ulong Keys { get; init; }

    /// <summary>Version of the encoding of the chunks.</summary>
    public required int FormatVersion { get; init; }
}
