namespace Aether.Operator.Tests.Reconciling;

/// <summary>A cluster whose operator acts only on changes, never by the clock.</summary>
public sealed class ChangeDrivenCluster() : OperatorCluster(
[
    "--Operator:DriftInterval", "01:00:00",
    "--Operator:ResyncInterval", "01:00:00",
    "--Operator:BackoffBase", "01:00:00",
    "--Operator:BackoffLimit", "01:00:00",
]);
