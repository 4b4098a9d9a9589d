using System.Diagnostics;
using System.Numerics;

namespace Aether.Benchmarks.Harness;

/// <summary>Latencies in buckets that are 1.6% wide; constant size, no allocation. Not thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];
    private long _total;

    /// <summary>Records a latency, in ticks of <see cref="Stopwatch"/>.</summary>
    public void Record(long ticks)
    {
        _counts[BucketOf((ulong)(Math.Max(0, ticks) * NanosecondsPerTick))]++;
        _total++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        _total += other._total;
    }

    /// <summary>The latency below which that share of all is, in microseconds.</summary>
    public double Quantile(double share)
    {
        var rank = (long)Math.Ceiling(share * _total);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank && seen > 0)
                return MiddleOf(i) / 1000;
        }
        return 0;
    }

    private static int BucketOf(ulong nanoseconds)
    {
        if (nanoseconds < SubBuckets)
            return (int)nanoseconds;
        var exponent = BitOperations.Log2(nanoseconds) - SubBits;
        return (exponent + 1) * SubBuckets + (int)(nanoseconds >> exponent) - SubBuckets;
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        var exponent = bucket / SubBuckets - 1;
        return (bucket % SubBuckets + SubBuckets + 0.5) * Math.Pow(2, exponent);
    }
}
