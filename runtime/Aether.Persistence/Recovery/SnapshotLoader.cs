using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Recovery;

/// <summary>The second step of a recovery: loads the newest usable snapshot.</summary>
internal sealed partial class SnapshotLoader(
    PersistenceOptions options,
    ISnapshotStore snapshots,
    StoreRetry stores,
    RecoveryProgress progress,
    ILogger logger)
{
    /// <summary>Loads the first sound snapshot of <paramref name="manifests"/>, or returns the empty state.</summary>
    /// <param name="manifests">The snapshots, newest first.</param>
    /// <param name="target">The last commit to recover; needed for the progress.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    public async Task<LoadedWorld> LoadAsync(
        IReadOnlyList<SnapshotManifest> manifests, Sequence target, CancellationToken cancellationToken)
    {
        var skipped = new List<SkippedSnapshot>();
        foreach (var manifest in manifests)
        {
            try
            {
                var (world, bytes) = await stores.AskAsync(
                    () => ReadAsync(manifest, target, cancellationToken), cancellationToken);
                return new LoadedWorld(world, manifest, bytes, skipped);
            }
            catch (SnapshotDamagedException exception)
            {
                LogSkipped(manifest.Sequence, manifest.Epoch, exception.Message);
                skipped.Add(new SkippedSnapshot(manifest, exception.Message));
            }
        }

        progress.Begin(keys: 0, Sequence.None, target);
        return new LoadedWorld(new WorldState(options), Snapshot: null, SnapshotBytes: 0, skipped);
    }

    private async Task<(WorldState World, long Bytes)> ReadAsync(
        SnapshotManifest manifest, Sequence target, CancellationToken cancellationToken)
    {
        progress.Begin(manifest.Keys, manifest.Sequence, target);
        var reader = new SnapshotReader(manifest, options, progress.Read);
        var world = await reader.ReadAsync(snapshots, cancellationToken);
        return (world, reader.Bytes);
    }

    [LoggerMessage(2102, LogLevel.Warning,
        "Snapshot of commit {Sequence} under epoch {Epoch} cannot be used: {Reason}")]
    private partial void LogSkipped(Sequence sequence, Epoch epoch, string reason);
}
