namespace Aether.Benchmarks.Fleet;

/// <summary>A benchmark of many worlds. It runs once, without peers.</summary>
internal interface IFleetBenchmark
{
    string Name { get; }

    /// <summary>Runs it, and writes what happens to <paramref name="progress"/>.</summary>
    Task<FleetReport> RunAsync(TextWriter progress);
}
