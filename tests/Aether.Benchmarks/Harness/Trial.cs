namespace Aether.Benchmarks.Harness;

/// <summary>One run of one contestant.</summary>
/// <param name="Workload">What is written.</param>
/// <param name="Folder">Its folder, on the disk that is measured.</param>
/// <param name="WarmUp">How long it runs before it is measured.</param>
/// <param name="Measured">How long is measured.</param>
internal sealed record Trial(Workload Workload, string Folder, TimeSpan WarmUp, TimeSpan Measured);
