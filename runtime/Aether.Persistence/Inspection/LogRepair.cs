using Aether.Persistence.Recovery;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Makes a damaged log one that an agent starts on: one run of sound blocks stays, everything else goes into the
/// folder "quarantine" of the volume, unchanged. Until its last step the log stays one that agents refuse, so that a
/// repair that is interrupted can only be repeated.
/// </summary>
public sealed class LogRepair(IFileSystem volume, string world, TimeProvider clock)
{
    private const string QuarantineFolder = "quarantine";

    private readonly SnapshotInspector _snapshots = new(volume, world);

    /// <summary>
    /// What would be done. Without <paramref name="keep"/> the part that loses nothing is kept, if there is one, else
    /// what comes before the damage. Changes nothing.
    /// </summary>
    public async Task<RepairPlan> PlanAsync(RepairKeep? keep, CancellationToken cancellationToken) =>
        (await DecideAsync(keep, cancellationToken)).Plan;

    /// <summary>Does it, for the holder of the volume alone.</summary>
    /// <exception cref="VolumeInUseException">An agent has the volume open; nothing was changed.</exception>
    /// <exception cref="WalCorruptException">The log is still damaged: something else writes to it.</exception>
    public async Task<RepairPlan> RepairAsync(RepairKeep? keep, CancellationToken cancellationToken)
    {
        using var owned = Lock(volume);
        var (plan, run) = await DecideAsync(keep, cancellationToken);
        if (plan.Steps.Count > 0)
            new LogRewriter(volume, WorldHash.Of(world)).Carry(plan.Steps, run);
        return LogSurvey.Of(volume, WriteAheadLog.Folder, WorldHash.Of(world)).Damages is [var damage, ..]
            ? throw new WalCorruptException(damage.File, damage.Offset, damage.Reason)
            : plan;
    }

    /// <summary>Takes the volume, as an agent would.</summary>
    /// <exception cref="VolumeInUseException">An agent has it open.</exception>
    public static IDisposable Lock(IFileSystem volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return volume.TryLock(Volume.LockFile) ?? throw new VolumeInUseException();
    }

    private async Task<(RepairPlan Plan, LogRun? Run)> DecideAsync(
        RepairKeep? keep, CancellationToken cancellationToken)
    {
        var survey = LogSurvey.Of(volume, WriteAheadLog.Folder, WorldHash.Of(world));
        var (_, manifest, _) = await _snapshots.LoadNewestAsync(cancellationToken);
        var snapshot = manifest?.Sequence ?? Sequence.None;
        var (before, after) = (survey.FirstRun, survey.LastRun);
        var afterIsComplete = after is not null && await IsCompleteAsync(survey, after, cancellationToken);
        var chosen = keep ?? (afterIsComplete ? RepairKeep.After : RepairKeep.Before);
        var (run, other) = chosen == RepairKeep.After ? (after, before) : (before, after);

        CommitRange?[] missing = run is null
            ? [CommitRange.Between(survey.FirstExpected, survey.HighestSeen)]
            :
            [
                CommitRange.Between(survey.FirstExpected, new Sequence(run.First.Value - 1)),
                CommitRange.Between(run.End.Last.Next, survey.HighestSeen),
            ];
        var plan = new RepairPlan
        {
            Damages = survey.Damages,
            Gaps = survey.Gaps,
            Keep = chosen,
            Kept = RangeOf(run),
            Missing = [.. missing.OfType<CommitRange>()],
            MayMissMore = survey.EndsInDamage,
            Alternative = other == run ? null : RangeOf(other),
            Snapshot = snapshot,
            IsComplete = run == after ? afterIsComplete : snapshot >= survey.HighestSeen && !survey.EndsInDamage,
            Steps = survey.Damages.Count == 0 ? [] : StepsFor(survey, run),
        };
        return (plan, run);
    }

    private static CommitRange? RangeOf(LogRun? run) =>
        run is null ? null : CommitRange.Between(run.First, run.End.Last);

    // By doing what recovery would do: the digests decide.
    private async Task<bool> IsCompleteAsync(LogSurvey survey, LogRun run, CancellationToken cancellationToken)
    {
        var (state, manifest, _) = await _snapshots.LoadNewestAsync(cancellationToken);
        if (survey.EndsInDamage || run.First > state.Sequence.Next)
            return false;
        try
        {
            var replayer = new Replayer(state);
            foreach (var (block, _, _) in run.Read(volume).Where(found => found.Block.Last > state.Sequence))
                replayer.Replay(block, "log on the volume");
            return manifest is not null || run.First.Value == 1;
        }
        catch (RecoveryException)
        {
            return false;
        }
    }

    private List<RepairStep> StepsFor(LogSurvey survey, LogRun? run)
    {
        var folder = NewQuarantine();
        var whole = run is null ? [] : run.Pieces.Where(piece => piece.IsWhole).Select(piece => piece.File).ToList();
        return
        [
            .. survey.Segments
                .Where(segment => !whole.Contains(segment.File))
                .Select(segment => new RepairStep(
                    segment.File,
                    $"{folder}/{segment.File[(segment.File.LastIndexOf('/') + 1)..]}",
                    [.. LogRewriter.Rewritten(run).Where(piece => piece.File == segment.File)
                        .Select(LogRewriter.TargetOf)])),
        ];
    }

    private string NewQuarantine()
    {
        var name = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var folder = $"{QuarantineFolder}/{name}";
        for (var again = 2; volume.List(folder).Count > 0; again++)
            folder = $"{QuarantineFolder}/{name}-{again}";
        return folder;
    }
}
