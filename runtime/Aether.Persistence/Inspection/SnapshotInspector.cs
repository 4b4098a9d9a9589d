using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Inspection;

/// <summary>Shows the snapshots on a volume. Changes nothing.</summary>
public sealed class SnapshotInspector(IFileSystem volume, string world)
{
    private readonly FileSnapshotStore _store = new(volume);

    /// <summary>Reads the footers of the snapshots, in the order in which recovery would try them.</summary>
    public async Task<IReadOnlyList<SnapshotReport>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. SnapshotOrder.NewestFirst(await _store.ListAsync(cancellationToken)).Select(manifest => Describe(
            manifest, manifest.FormatVersion == SnapshotWriter.FormatVersion ? null : "its footer is damaged.")),
    ];

    /// <summary>
    /// As <see cref="ListAsync"/>, but also reads each snapshot and compares the digest of its state.
    /// </summary>
    public async Task<IReadOnlyList<SnapshotReport>> VerifyAsync(CancellationToken cancellationToken)
    {
        var reports = new List<SnapshotReport>();
        foreach (var manifest in SnapshotOrder.NewestFirst(await _store.ListAsync(cancellationToken)))
            reports.Add(Describe(manifest, (await ReadAsync(manifest, cancellationToken)).Damage));
        return reports;
    }

    /// <summary>
    /// Loads the newest usable snapshot, and reports damage in newer ones. Without a usable snapshot the state is
    /// empty.
    /// </summary>
    internal async Task<(WorldState World, SnapshotManifest? Manifest, List<SnapshotReport> Damaged)> LoadNewestAsync(
        CancellationToken cancellationToken)
    {
        var damaged = new List<SnapshotReport>();
        foreach (var manifest in SnapshotOrder.NewestFirst(await _store.ListAsync(cancellationToken)))
        {
            var (state, damage) = await ReadAsync(manifest, cancellationToken);
            if (state is not null)
                return (state, manifest, damaged);
            damaged.Add(Describe(manifest, damage));
        }
        return (NewState(), null, damaged);
    }

    internal WorldState NewState() => new(Options);

    private PersistenceOptions Options => new() { WorldId = world, Holder = "aether" };

    private async Task<(WorldState? State, string? Damage)> ReadAsync(
        SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return (await new SnapshotReader(manifest, Options).ReadAsync(_store, cancellationToken), null);
        }
        catch (SnapshotDamagedException exception)
        {
            return (null, exception.Message);
        }
    }

    private SnapshotReport Describe(SnapshotManifest manifest, string? damage)
    {
        var path = FileSnapshotStore.PathOf(manifest);
        using var file = volume.Open(path);
        return new SnapshotReport(path, file.Length, manifest, damage);
    }
}
