namespace Aether.Benchmarks.Harness;

/// <summary>Written data that can be read back.</summary>
internal interface IReplay : IAsyncDisposable
{
    /// <summary>Opens the data and reads all of it once; returns the number of writes.</summary>
    Task<long> RunAsync();
}
