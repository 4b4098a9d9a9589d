using Aether.Benchmarks.Families;
using Aether.Benchmarks.Fleet;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Reports;
using Aether.Benchmarks.Servers;

namespace Aether.Benchmarks;

/// <summary>Runs the selected benchmarks and reports them; a missed target is a result, not a failure.</summary>
internal static class Program
{
    public static async Task<int> Main()
    {
        var folder = Path.GetTempPath();
        var mount = Mount.Of(folder);
        if (mount.IsMemory)
            return Refuse($"'{folder}' is a {mount.FileSystem}, which has no disk to measure. Set TMPDIR.");

        BenchmarkOptions options;
        try
        {
            options = BenchmarkOptions.Read(Environment.GetEnvironmentVariable);
        }
        catch (FormatException exception)
        {
            return Refuse(exception.Message);
        }

        await using var servers = new BenchmarkServers();
        if (!Catalog.Names(servers).Any(options.Takes))
            return Refuse($"No such benchmark. There are: {string.Join(' ', Catalog.Names(servers))}");

        // With JSON, standard output is for programs only.
        var report = options.Json ? Console.Error : Console.Out;
        Machine.Write(report, folder, mount);
        foreach (var benchmark in Catalog.All(servers).Where(benchmark => options.Takes(benchmark.Name)))
            await RunAsync(benchmark, options, report);
        foreach (var fleet in Catalog.Fleets.Where(fleet => options.Takes(fleet.Name)))
            await RunAsync(fleet, options, report);
        return 0;
    }

    private static async Task RunAsync(IFleetBenchmark fleet, BenchmarkOptions options, TextWriter report)
    {
        await Console.Error.WriteLineAsync($"\n{fleet.Name}");
        var result = await fleet.RunAsync(Console.Error);
        result.Write(report);
        if (options.Json)
            Console.Out.WriteLine(result.Json());
    }

    private static async Task RunAsync(Benchmark benchmark, BenchmarkOptions options, TextWriter report)
    {
        var runner = new Runner(options, Console.Error);
        foreach (var payload in options.Payloads.DefaultIfEmpty(benchmark.Payload))
        {
            foreach (var writers in options.Writers.DefaultIfEmpty(benchmark.Writers))
            {
                await Console.Error.WriteLineAsync($"\n{benchmark.Name}, {payload} B, {writers} writer(s)");
                var results = await runner.RunAsync(benchmark, payload, writers);
                Table.Write(report, benchmark, payload, writers, results);
                if (!options.Json)
                    continue;
                foreach (var result in results)
                    Console.Out.WriteLine(JsonLine.Of(benchmark, payload, writers, result));
            }
        }
    }

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return 1;
    }
}
