namespace Aether.Benchmarks.Harness;

/// <summary>An open system that accepts writes.</summary>
internal interface ISession : IAsyncDisposable
{
    /// <summary>
    /// Makes write <paramref name="n"/> of the workload; completes when the system reports the durability that the
    /// benchmark requires.
    /// </summary>
    ValueTask WriteAsync(long n);
}
