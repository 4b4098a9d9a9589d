namespace Aether.Benchmarks.Harness;

/// <summary>A system in a benchmark.</summary>
internal interface IContestant
{
    /// <summary>Name in tables and in JSON: "aether", "rocksdb".</summary>
    string System { get; }

    /// <summary>Runs it once, in a folder that is empty and goes away afterwards.</summary>
    Task<Measurement> MeasureAsync(Trial trial);
}
