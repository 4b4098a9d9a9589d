namespace Aether.Benchmarks.Harness;

/// <summary>All runs of one system in one benchmark: the median of each figure, and the range of the speed.</summary>
internal sealed class Result(string system, IReadOnlyList<Measurement> runs)
{
    public string System => system;

    public double OpsPerSecond => Median(run => run.OpsPerSecond);

    public double Slowest => runs.Min(run => run.OpsPerSecond);

    public double Fastest => runs.Max(run => run.OpsPerSecond);

    public double P50 => Median(run => run.P50);

    public double P99 => Median(run => run.P99);

    public double OpsPerCpuSecond => Median(run => run.OpsPerCpuSecond);

    public double AllocatedBytes => Median(run => run.AllocatedBytes);

    public double GcPauseP999 => Median(run => run.GcPauseP999);

    /// <summary>Resident memory of the measured process, in MiB; null if it is not measured.</summary>
    public double? ResidentMiB =>
        runs.All(run => run.ResidentMiB is not null) ? Median(run => run.ResidentMiB!.Value) : null;

    private double Median(Func<Measurement, double> figure)
    {
        var ordered = runs.Select(figure).Order().ToArray();
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }
}
