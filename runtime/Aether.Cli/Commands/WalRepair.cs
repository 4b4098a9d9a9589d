using System.CommandLine;
using Aether.Cli.Output;
using Aether.Persistence;
using Aether.Persistence.Inspection;
using Aether.Persistence.Storage;

namespace Aether.Cli.Commands;

/// <summary>Repairs a damaged log so that an agent starts on it; without --yes, only shows the plan.</summary>
internal sealed class WalRepair : IVolumeCommand
{
    private readonly Option<bool> _yes = new("--yes")
    {
        Description = "Repair the log; without this option, only show the plan",
    };

    private readonly Option<RepairKeep?> _keep = new("--keep")
    {
        Description = "The part that stays: before or after the damage, or both if the log lacks only commits that "
            + "were never in a block (default: both in that case; else after, if a snapshot on the volume and that "
            + "part make up the whole state; else before)",
    };

    public Command Define() =>
        new("repair", "Move damaged segments into the volume's folder quarantine, so that an agent starts")
        {
            _yes, _keep,
        };

    public async Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (path, files, world) = invocation.Volume;
        var done = parsed.GetValue(_yes);
        var keep = parsed.GetValue(_keep);
        RepairPlan plan;
        if (done)
        {
            plan = await new LogRepair(new LocalFileSystem(path), world, invocation.Clock)
                .RepairAsync(keep, cancellationToken);
        }
        else
        {
            using var free = LogRepair.Lock(files);
            plan = await new LogRepair(files, world, invocation.Clock).PlanAsync(keep, cancellationToken);
        }

        if (invocation.IsJson)
            invocation.WriteJson(new WalRepairing(path, world, done, plan), CliJson.Write);
        else
            Write(plan, done, invocation);
        return done || plan.Damages.Count == 0 ? ExitCode.Fine : ExitCode.Damaged;
    }

    private static void Write(RepairPlan plan, bool done, Invocation invocation)
    {
        var output = invocation.Output;
        if (plan.Damages.Count == 0)
        {
            output.WriteLine("Nothing is damaged, nothing was changed.");
            return;
        }

        foreach (var damage in plan.Damages)
            output.WriteLine($"damage   {damage.File}, byte {damage.Offset}: {damage.Reason}");
        foreach (var gap in plan.Gaps)
            output.WriteLine($"gap      {Words.Gap(gap)}");
        var (side, otherSide) = SidesOf(plan);
        output.WriteLine(
            plan.Kept is null ? "keep     nothing"
                : plan.Missing.Count == 0 ? $"keep     {Words.Commits(plan.Kept)}"
                : $"keep     {Words.Commits(plan.Kept)} ({side} the damage)");
        foreach (var missing in plan.Missing)
            output.WriteLine(
                $"missing  {Words.Commits(missing)}: {Words.Count(missing.Count, "commit")} "
                + "that the volume will no longer hold");
        if (plan.MayMissMore)
            output.WriteLine("missing  perhaps later ones too: the end of the log cannot be read");
        foreach (var line in Cost(plan))
            output.WriteLine($"         {line}");
        foreach (var dropped in plan.Gaps.Where(gap => plan.Missing.Any(missing => missing.Last >= gap.Following.Last)))
            output.WriteLine(
                $"drops    {Words.Commits(dropped.Following)}: {Words.Count(dropped.Following.Count, "commit")} that "
                + "were acknowledged");
        if (plan.Keep == RepairKeep.Both)
        {
            foreach (var gap in plan.Gaps)
                output.WriteLine($"fill     {Words.Commits(gap.Missing)}: by a commit that changes nothing");
        }

        if (plan is { Alternative: { } other, IsComplete: false })
            output.WriteLine(
                $"or       --keep {otherSide}, which keeps {Words.Commits(other)} instead"
                + (otherSide == "after" ? ": right if the journal holds the commits before" : ""));
        foreach (var step in plan.Steps)
            output.WriteLine($"file     {Describe(step)}");
        output.WriteLine(
            done ? "done     an agent starts on it; nothing was deleted"
                : $"next     aether wal repair {invocation.Volume.Path} --yes --keep {side}");
    }

    // The part that stays, and the part that could stay instead.
    private static (string Side, string OtherSide) SidesOf(RepairPlan plan)
    {
        var hasOtherDamage = plan.Damages.Count > plan.Gaps.Count;
        return plan.Keep switch
        {
            RepairKeep.Both => ("both", "before"),
            RepairKeep.After => ("after", plan.Gaps.Count > 0 && !hasOtherDamage ? "both" : "before"),
            _ => ("before", plan.Gaps.Count > 0 && !hasOtherDamage ? "both" : "after"),
        };
    }

    private static IEnumerable<string> Cost(RepairPlan plan)
    {
        if (plan is { Missing.Count: 0, MayMissMore: false })
        {
            yield return "No commit is lost.";
            if (plan is { Keep: RepairKeep.Both, IsComplete: false })
                yield return
                    "The state before the log's first commit is not on the volume: the agent verifies the rest.";
            yield break;
        }
        if (plan.IsComplete)
        {
            yield return $"The snapshot of commit {plan.Snapshot} holds their effects: the state is complete.";
            yield break;
        }

        if (plan.Snapshot > Sequence.None)
            yield return $"The snapshot of commit {plan.Snapshot} on the volume holds the state up to that commit.";
        yield return "Commits that were acknowledged as Replicated, or were shipped, are in the world's journal: the";
        yield return "agent recovers them when it starts. Commits that neither journal nor snapshot holds are lost to";
        yield return "the world (all of them, for a --local world); their bytes stay in quarantine.";
    }

    private static string Describe(RepairStep step) =>
        $"{step.File} -> {step.Quarantine}"
        + (step.Rewritten.Count > 0 ? $"; its sound blocks as {string.Join(", ", step.Rewritten)}" : "");
}
