namespace Aether.Benchmarks.Harness;

/// <summary>Something written that can be read back.</summary>
internal interface IReplay : IAsyncDisposable
{
    /// <summary>Opens it and reads all of it back, once; returns how many writes that were.</summary>
    Task<long> RunAsync();
}
