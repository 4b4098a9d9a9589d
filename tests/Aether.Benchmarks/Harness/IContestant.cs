namespace Aether.Benchmarks.Harness;

/// <summary>A system in a benchmark.</summary>
internal interface IContestant
{
    /// <summary>Name in tables and in JSON: "aether", "rocksdb".</summary>
    string System { get; }

    /// <summary>Runs the system once, in an empty folder that is deleted afterwards.</summary>
    Task<Measurement> MeasureAsync(Trial trial);
}
