namespace Aether.Operator.Tests.Reconciling;

/// <summary>A cluster whose operator does nothing by the clock: what it does follows from a change.</summary>
public sealed class ChangeDrivenCluster() : OperatorCluster(
[
    "--Operator:ResyncInterval", "01:00:00",
    "--Operator:BackoffBase", "01:00:00",
    "--Operator:BackoffLimit", "01:00:00",
]);
