using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedCluster))]

namespace Aether.EndToEnd.Tests.Support;

/// <summary>The cluster of all tests that affect only their own namespace; started on first use.</summary>
public sealed class SharedCluster : IAsyncDisposable
{
    // Worlds of finished tests stay; reconciling all of them more often would take most of the machine's time.
    private static readonly ClusterOptions Options = new()
    {
        Operator = new OperatorOptions { DriftInterval = TimeSpan.FromSeconds(5) },
    };

    private readonly Lazy<Task<TestBed>> _bed = new(() =>
        TestBed.StartAsync(Options, TestContext.Current.CancellationToken));

    internal Task<TestBed> StartedAsync() => _bed.Value;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_bed is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } started })
            await (await started).DisposeAsync();
    }
}
