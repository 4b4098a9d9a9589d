using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Recovers the state of a world at a point in its past, from a snapshot at or before that point and the journal after
/// it. Changes nothing and needs no lease, so it may run beside the world's writer, on adapters of its own. The digests
/// in snapshot and blocks prove the result. Every point in the recovery window is available
/// (<see cref="PersistenceOptions.RecoveryWindow"/>), and older points as long as their data is kept.
/// </summary>
public sealed class PointInTimeRecovery(PersistenceOptions options, ISnapshotStore snapshots, IJournal journal)
{
    private const string Source = "journal";

    /// <summary>Recovers the state at <paramref name="target"/>.</summary>
    /// <exception cref="PointNotKeptException">
    /// The data for that point is no longer kept, or does not exist yet.
    /// </exception>
    /// <exception cref="RecoveryException">The data is damaged, or its digests do not match.</exception>
    /// <exception cref="StoreUnavailableException">A store does not answer.</exception>
    public async Task<RecoveredPoint> RecoverAsync(RecoveryTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var head = await journal.ReadHeadAsync(cancellationToken);
        if (target.Sequence > head.Last)
            throw new PointNotKeptException(target, $"the journal ends with commit {head.Last}.");

        var manifests = SnapshotOrder.NewestFirst(await snapshots.ListAsync(cancellationToken));
        var skipped = new List<string>();
        var (world, snapshot) = await LoadAsync(manifests.Where(target.Admits), skipped, cancellationToken);
        if (snapshot is null && await FindFirstAsync(head, cancellationToken) is var first && first.Value > 1)
            (world, snapshot) = await LoadOldestAsync(target, manifests, first, skipped, cancellationToken);

        var begin = world.Sequence;
        var captured = await ReplayAsync(world, snapshot?.Epoch ?? Epoch.None, target, cancellationToken);
        if (target.Sequence is { } sequence && captured.View.Sequence != sequence)
            throw new RecoveryException(
                $"The journal ends with commit {head.Last}, but its blocks only lead to commit "
                + $"{captured.View.Sequence}. Commits are missing. Restore the blocks that hold them from a backup.");
        return new RecoveredPoint(captured, begin, skipped);
    }

    private async Task<(WorldState World, SnapshotManifest? Snapshot)> LoadAsync(
        IEnumerable<SnapshotManifest> candidates, List<string> skipped, CancellationToken cancellationToken)
    {
        foreach (var manifest in candidates)
        {
            try
            {
                return (await new SnapshotReader(manifest, options).ReadAsync(snapshots, cancellationToken), manifest);
            }
            catch (SnapshotDamagedException exception)
            {
                skipped.Add($"commit {manifest.Sequence} under epoch {manifest.Epoch}: {exception.Message}");
            }
        }
        return (new WorldState(options), null);
    }

    private async Task<Sequence> FindFirstAsync(JournalHead head, CancellationToken cancellationToken)
    {
        await foreach (var block in journal.ReadAfterAsync(Sequence.None, cancellationToken))
            return block.First;
        return head.Last.Next;
    }

    // The time of its last commit shows that a snapshot belongs before a point in time, even if it was captured later:
    // because nothing changed meanwhile, or because the clock was ahead.
    private async Task<(WorldState World, SnapshotManifest? Snapshot)> LoadOldestAsync(
        RecoveryTarget target,
        List<SnapshotManifest> manifests,
        Sequence first,
        List<string> skipped,
        CancellationToken cancellationToken)
    {
        var later = Enumerable.Reverse(manifests).Where(manifest => !target.Admits(manifest));
        var (world, oldest) = await LoadAsync(target.Time is null ? [] : later, skipped, cancellationToken);
        if (oldest is not null && world.CommittedAt <= target.Time)
            return (world, oldest);

        var kept = manifests is [.., var last]
            ? $"the oldest snapshot is of commit {last.Sequence}, captured at "
                + last.CapturedAt.ToString("O", CultureInfo.InvariantCulture)
            : "there is no snapshot";
        var unusable = skipped.Count > 0 ? $" Snapshots that cannot be used: {string.Join("; ", skipped)}" : "";
        throw new PointNotKeptException(target, $"{kept}, and the journal begins with commit {first}.{unusable}");
    }

    private async Task<CapturedWorld> ReplayAsync(
        WorldState world, Epoch epoch, RecoveryTarget target, CancellationToken cancellationToken)
    {
        var replayer = new Replayer(world);
        LogBlock? parted = null;
        var after = world.Sequence;
        await ReadAhead.ReplayAsync(
            token => ReadAsync(token), Source, batch => replayer.Replay(batch, Source), cancellationToken);
        if (parted is null)
            return Capture();

        CapturedWorld? captured = null;
        replayer.Replay(parted, Source, target.Sequence!.Value, () => captured = Capture());
        return captured!;

        async IAsyncEnumerable<LogBlock> ReadAsync([EnumeratorCancellation] CancellationToken token)
        {
            await foreach (var block in journal.ReadAfterAsync(after, token))
            {
                if (target.Precedes(block))
                    yield break;
                epoch = block.Epoch;
                if (target.Parts(block))
                {
                    parted = block with { Encoded = block.Encoded.ToArray() };
                    yield break;
                }

                yield return block;
            }
        }

        CapturedWorld Capture() => new(
            new StateView(world.Sequence, epoch, world.Store.Digest, world.Store.Copy()),
            world.Idempotency.Copy(),
            world.Idempotency.Forgotten,
            world.CommittedAt);
    }
}
