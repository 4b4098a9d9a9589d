namespace Aether.Benchmarks.Harness;

/// <summary>Result of one run of one system.</summary>
internal sealed record Measurement
{
    public required double OpsPerSecond { get; init; }

    /// <summary>Median latency, in microseconds.</summary>
    public required double P50 { get; init; }

    /// <summary>The 99th percentile of the latency, in microseconds.</summary>
    public required double P99 { get; init; }

    /// <summary>Operations per second of processor time of this process, without servers.</summary>
    public double OpsPerCpuSecond { get; init; }

    /// <summary>Bytes that this process allocated per operation, including the caller's objects.</summary>
    public double AllocatedBytes { get; init; }

    /// <summary>The 99.9th percentile of the garbage collector's pauses, in milliseconds.</summary>
    public double GcPauseP999 { get; init; }

    /// <summary>Resident memory of the measured process, in MiB; null if it is not measured.</summary>
    public double? ResidentMiB { get; init; }
}
