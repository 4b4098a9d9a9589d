namespace Aether.Operator.Injection;

/// <summary>Why a pod may not be of a world.</summary>
/// <param name="Reason">In one word, of few.</param>
/// <param name="Message">For the creator of the pod: what is wrong and what to do.</param>
internal sealed record PodRefusal(PodRefusalReason Reason, string Message);
