using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// Another pod than the writer is at a world: a condition that is there only while that is so. A world has one writer,
/// so two pods are one too many, except for the moment in which one takes over from the other.
/// </summary>
/// <param name="Reason">What the other pod does.</param>
/// <param name="Pod">The other pod.</param>
/// <param name="Message">Who and what to do, in a sentence.</param>
internal sealed record Contention(string Reason, string Pod, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "Contended";

    /// <summary>A second pod waits for the lease of the writer.</summary>
    public const string ReasonWaiting = "PodWaiting";

    /// <summary>A pod was overtaken and has ended.</summary>
    public const string ReasonFenced = "PodFenced";

    /// <summary>Judges the pods that report beside the writer; null where there is none.</summary>
    /// <param name="writer">The report of the writer, while it serves.</param>
    /// <param name="audible">The last reports of all pods that are heard.</param>
    /// <param name="fenced">The last report of the pod that was overtaken last; null for none.</param>
    public static Contention? Of(HeardReport? writer, IEnumerable<HeardReport> audible, HeardReport? fenced)
    {
        if (writer is not { Report: { Phase: RuntimePhase.Running } serving })
            return null;
        if (fenced is { Report: { } overtaken } && overtaken.Epoch < serving.Epoch)
            return new Contention(ReasonFenced, overtaken.Pod,
                $"Pod {overtaken.Pod} wrote under epoch {overtaken.Epoch} and was fenced by pod {serving.Pod} under "
                + $"epoch {serving.Epoch}: {overtaken.Detail} A world has one writer: see that one pod has its label.");
        return audible.FirstOrDefault(item => item.Report is { Epoch: 0, Phase: RuntimePhase.Waiting }
            && item.Report.Pod != serving.Pod) is { } waiting
            ? new Contention(ReasonWaiting, waiting.Report.Pod,
                $"Pod {waiting.Report.Pod} waits for the world, which pod {serving.Pod} serves under epoch "
                + $"{serving.Epoch}. A world has one writer: scale its workload to one replica, or delete the pod that "
                + "should not be there.")
            : null;
    }
}
