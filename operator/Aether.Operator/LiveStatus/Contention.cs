using Aether.Persistence.Contracts;

namespace Aether.Operator.LiveStatus;

/// <summary>
/// The condition Contended: a second pod wants or had the world beside its writer. It is present only while that is so.
/// A world has one writer, so a second pod is a mistake, except while it takes over from the first.
/// </summary>
/// <param name="Reason">The state of the other pod.</param>
/// <param name="Pod">The other pod.</param>
/// <param name="Message">An explanation that names both pods and says what to do.</param>
internal sealed record Contention(string Reason, string Pod, string Message)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "Contended";

    /// <summary>A second pod waits for the lease of the writer.</summary>
    public const string ReasonWaiting = "PodWaiting";

    /// <summary>A pod was fenced and has ended.</summary>
    public const string ReasonFenced = "PodFenced";

    /// <summary>Examines the pods that report beside the writer; null if there are none.</summary>
    /// <param name="writer">The report of the writer; null unless it serves.</param>
    /// <param name="recent">The last reports of all pods that reported recently.</param>
    /// <param name="fenced">The last report of the pod that was fenced last; null for none.</param>
    public static Contention? Of(ReceivedReport? writer, IEnumerable<ReceivedReport> recent, ReceivedReport? fenced)
    {
        if (writer is not { Report: { Phase: RuntimePhase.Running } serving })
            return null;
        if (fenced is { Report: { } overtaken } && overtaken.Epoch < serving.Epoch)
            return new Contention(ReasonFenced, overtaken.Pod,
                $"Pod {overtaken.Pod} wrote under epoch {overtaken.Epoch} and was fenced by pod {serving.Pod} under "
                + $"epoch {serving.Epoch}: {overtaken.Detail} A world has one writer: make sure that only one pod "
                + "has its label.");
        return recent.FirstOrDefault(item => item.Report is { Epoch: 0, Phase: RuntimePhase.Waiting }
            && item.Report.Pod != serving.Pod) is { } waiting
            ? new Contention(ReasonWaiting, waiting.Report.Pod,
                $"Pod {waiting.Report.Pod} waits for the world, which pod {serving.Pod} serves under epoch "
                + $"{serving.Epoch}. A world has one writer: scale its workload to one replica, or delete the pod that "
                + "should not be there.")
            : null;
    }
}
