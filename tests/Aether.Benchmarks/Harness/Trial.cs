namespace Aether.Benchmarks.Harness;

/// <summary>One run of one contestant.</summary>
/// <param name="Workload">The writes.</param>
/// <param name="Folder">The contestant's folder, on the measured disk.</param>
/// <param name="WarmUp">How long the contestant runs before it is measured.</param>
/// <param name="Measured">How long it is measured.</param>
internal sealed record Trial(Workload Workload, string Folder, TimeSpan WarmUp, TimeSpan Measured);
