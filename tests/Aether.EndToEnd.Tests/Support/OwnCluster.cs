using Aether.DevCluster.Clusters;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>A cluster for the tests of one class, which stop or kill parts that other tests need.</summary>
public class OwnCluster : IAsyncLifetime
{
    private readonly ClusterOptions _options;
    private TestBed? _bed;

    /// <summary>A cluster like the shared one.</summary>
    public OwnCluster()
        : this(new ClusterOptions())
    {
    }

    private protected OwnCluster(ClusterOptions options) => _options = options;

    internal TestBed Bed => _bed ?? throw new InvalidOperationException("It was not started.");

    /// <inheritdoc />
    public async ValueTask InitializeAsync() =>
        _bed = await TestBed.StartAsync(_options, TestContext.Current.CancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_bed is not null)
            await _bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
