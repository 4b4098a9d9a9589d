using Aether.Persistence.Codec;
using Aether.Persistence.Recovery;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Repairs a damaged log so that an agent starts on it. One run of sound blocks stays, or the whole log if gaps are its
/// only fault; everything else moves unchanged into the volume's folder "quarantine". Until the last step agents refuse
/// the log, so an interrupted repair is simply repeated.
/// </summary>
public sealed class LogRepair(IFileSystem volume, string world, TimeProvider clock)
{
    private const string QuarantineFolder = "quarantine";

    private readonly SnapshotInspector _snapshots = new(volume, world);

    /// <summary>
    /// Plans the repair and changes nothing. Without <paramref name="keep"/> the plan keeps the part that loses
    /// nothing; or the whole log, if gaps are its only fault and no digest contradicts it; or else the part before the
    /// damage.
    /// </summary>
    public async Task<RepairPlan> PlanAsync(RepairKeep? keep, CancellationToken cancellationToken) =>
        (await DecideAsync(keep, cancellationToken)).Plan;

    /// <summary>Repairs the log while holding the volume's lock.</summary>
    /// <exception cref="VolumeInUseException">An agent has the volume open; nothing was changed.</exception>
    /// <exception cref="WalCorruptException">The log is still damaged: something else is writing to it.</exception>
    public async Task<RepairPlan> RepairAsync(RepairKeep? keep, CancellationToken cancellationToken)
    {
        using var owned = Lock(volume);
        var (plan, run, filled) = await DecideAsync(keep, cancellationToken);
        var rewriter = new LogRewriter(volume, WorldHash.Of(world));
        if (plan.Keep == RepairKeep.Both)
            rewriter.Carry(plan.Steps, filled!);
        else if (plan.Steps.Count > 0)
            rewriter.Carry(plan.Steps, run);
        return LogSurvey.Of(volume, WriteAheadLog.Folder, WorldHash.Of(world)).Damages is [var damage, ..]
            ? throw new WalCorruptException(damage.File, damage.Offset, damage.Reason)
            : plan;
    }

    /// <summary>Locks the volume, as an agent would.</summary>
    /// <exception cref="VolumeInUseException">An agent has the volume open.</exception>
    public static IDisposable Lock(IFileSystem volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return volume.TryLock(Volume.LockFile) ?? throw new VolumeInUseException();
    }

    private async Task<(RepairPlan Plan, LogRun? Run, FilledLog? Filled)> DecideAsync(
        RepairKeep? keep, CancellationToken cancellationToken)
    {
        var survey = LogSurvey.Of(volume, WriteAheadLog.Folder, WorldHash.Of(world));
        var (_, manifest, _) = await _snapshots.LoadNewestAsync(cancellationToken);
        var snapshot = manifest?.Sequence ?? Sequence.None;
        var (before, after) = (survey.FirstRun, survey.LastRun);
        var filled = FilledLog.Of(volume, survey);
        if (keep == RepairKeep.Both && filled is null)
            throw NothingToFill();
        var filledProof = filled is null
            ? false
            : await ProveAsync(survey, filled.Commits.First, filled.Read(), cancellationToken);
        var afterIsComplete = after is not null
            && await ProveAsync(
                survey, after.First, after.Read(volume).Select(found => found.Block), cancellationToken) == true;
        var chosen = keep
            ?? (filledProof != false ? RepairKeep.Both : afterIsComplete ? RepairKeep.After : RepairKeep.Before);
        if (chosen == RepairKeep.Both)
            return (PlanToFill(survey, filled!, snapshot, isComplete: filledProof == true), null, filled);
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
            Alternative = filled?.Commits ?? (other == run ? null : RangeOf(other)),
            Snapshot = snapshot,
            IsComplete = run == after ? afterIsComplete : snapshot >= survey.HighestSeen && !survey.EndsInDamage,
            Steps = survey.Damages.Count == 0 ? [] : StepsFor(survey, run),
        };
        return (plan, run, filled);
    }

    private RepairPlan PlanToFill(LogSurvey survey, FilledLog filled, Sequence snapshot, bool isComplete)
    {
        var folder = NewQuarantine();
        var target = LogRewriter.TargetOf(filled.Head);
        return new RepairPlan
        {
            Damages = survey.Damages,
            Gaps = survey.Gaps,
            Keep = RepairKeep.Both,
            Kept = filled.Commits,
            Missing = [],
            MayMissMore = false,
            Alternative = null,
            Snapshot = snapshot,
            IsComplete = isComplete,
            Steps =
            [
                .. survey.Segments.Select(segment => segment.File)
                    .Where(file => string.CompareOrdinal(file, filled.Head.File) >= 0)
                    .Select(file => new RepairStep(file, QuarantineOf(file, folder), [target])),
            ],
        };
    }

    private static InvalidDataException NothingToFill() => new(
        $"'{RepairKeep.Both}' keeps all of a log whose only fault are commits that were never in a block. This one has "
        + $"no such gap, or damage besides: choose '{RepairKeep.Before}' or '{RepairKeep.After}'.");

    private static string QuarantineOf(string file, string folder) => $"{folder}/{file[(file.LastIndexOf('/') + 1)..]}";

    private static CommitRange? RangeOf(LogRun? run) =>
        run is null ? null : CommitRange.Between(run.First, run.End.Last);

    // Replays the log as recovery would, so that the digests decide. Null: the state before the blocks is not on the
    // volume.
    private async Task<bool?> ProveAsync(
        LogSurvey survey, Sequence first, IEnumerable<LogBlock> blocks, CancellationToken cancellationToken)
    {
        if (survey.EndsInDamage)
            return false;
        var (state, _, _) = await _snapshots.LoadNewestAsync(cancellationToken);
        if (first > state.Sequence.Next)
            return null;
        try
        {
            var replayer = new Replayer(state);
            foreach (var block in blocks.Where(block => block.Last > state.Sequence))
                replayer.Replay(block, "log on the volume");
            return true;
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
                    QuarantineOf(segment.File, folder),
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
