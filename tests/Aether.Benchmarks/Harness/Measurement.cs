namespace Aether.Benchmarks.Harness;

/// <summary>What one run of one system came to.</summary>
internal sealed record Measurement
{
    public required double OpsPerSecond { get; init; }

    /// <summary>Median latency, in microseconds.</summary>
    public required double P50 { get; init; }

    /// <summary>The latency 99 of 100 stay within, in microseconds.</summary>
    public required double P99 { get; init; }

    /// <summary>Operations per second of processor time of this process, servers not counted.</summary>
    public double OpsPerCpuSecond { get; init; }

    /// <summary>Bytes this process allocated per operation, the caller's objects included.</summary>
    public double AllocatedBytes { get; init; }

    /// <summary>The pause of the garbage collector that 999 of 1000 stay within, in milliseconds.</summary>
    public double GcPauseP999 { get; init; }

    /// <summary>Memory the measured process holds, in MiB; null where that is not what is measured.</summary>
    public double? ResidentMiB { get; init; }
}
