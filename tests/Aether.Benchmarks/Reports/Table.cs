using Aether.Benchmarks.Harness;

namespace Aether.Benchmarks.Reports;

/// <summary>The results of a benchmark as a table.</summary>
internal static class Table
{
    public static void Write(
        TextWriter output, Benchmark benchmark, int payload, int writers, IReadOnlyList<Result> results)
    {
        output.WriteLine();
        output.WriteLine($"{benchmark.Name}: {benchmark.What}; {payload} B, {writers} writer(s)");
        output.WriteLine(
            $"  {"system",-20}{"ops/s",12}  {"min..max",-24}{"p50 us",14}{"p99 us",14}{"B/op",8}{"ops/cpu s",12}");
        foreach (var result in results)
        {
            var range = $"{result.Slowest:n0}..{result.Fastest:n0}";
            output.WriteLine(
                $"  {result.System,-20}{result.OpsPerSecond,12:n0}  {range,-24}"
                + $"{result.P50,14:n1}{result.P99,14:n1}{result.AllocatedBytes,8:n0}"
                + $"{result.OpsPerCpuSecond,12:n0}");
        }
        foreach (var result in results.Where(result => result.ResidentMiB is not null))
            output.WriteLine($"  {result.System}: {result.ResidentMiB:n1} MiB resident");
        if (payload != benchmark.Payload || writers != benchmark.Writers)
            return;
        foreach (var target in benchmark.Targets)
            WriteTarget(output, target, results);
    }

    private static void WriteTarget(TextWriter output, Target target, IReadOnlyList<Result> results)
    {
        var needed = target.Systems
            .Select(system => results.FirstOrDefault(result => result.System == system))
            .OfType<Result>()
            .ToArray();
        if (needed.Length < target.Systems.Count)
            return;
        var figure = target.Figure(needed);
        output.WriteLine(
            $"  target: {target.Text}: {figure:#,0.##} {target.Unit}, {(target.IsMet(figure) ? "met" : "NOT MET")}");
    }
}
