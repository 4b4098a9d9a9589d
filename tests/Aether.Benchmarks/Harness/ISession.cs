namespace Aether.Benchmarks.Harness;

/// <summary>A system that is open and takes writes.</summary>
internal interface ISession : IAsyncDisposable
{
    /// <summary>
    /// Makes write <paramref name="n"/> of the workload; completes when the system says that it is as durable as the
    /// benchmark asks.
    /// </summary>
    ValueTask WriteAsync(long n);
}
