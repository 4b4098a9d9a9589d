namespace Aether.Operator.Injection;

/// <summary>Why a pod may not join a world.</summary>
/// <param name="Reason">The reason, for metrics.</param>
/// <param name="Message">For the creator of the pod: the problem and its solution.</param>
internal sealed record PodRefusal(PodRefusalReason Reason, string Message);
