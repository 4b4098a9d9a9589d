using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.Storage;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>Messages of a start on a volume that refuses a call; VolumeErrorTests uses real mounts.</summary>
[Trait("Field", "F19")]
public sealed class OpeningErrorTests : IAsyncDisposable
{
    private readonly RuntimeFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(5, false)] // EIO
    [InlineData(13, true)] // EACCES
    [InlineData(24, true)] // EMFILE
    [InlineData(28, false)] // ENOSPC
    [InlineData(30, true)] // EROFS
    public async Task Refused_file_call_at_the_start_names_the_file_and_the_cause(int errno, bool isConfiguration)
    {
        var volume = new SimulatedFileSystem(seed: 1);
        await using (var first = Create(volume))
        {
            await first.StartAsync(Cancellation);
            for (var i = 0; i < 20; i++)
                await first.CommitAsync(Put(i, new string('x', 500)), Cancellation);
        }

        var explained = 0;
        for (var (call, refused) = (0, true); refused; call++)
        {
            var machine = volume.Clone(seed: 1);
            var disk = new RefusingDisk(machine, call, errno);
            await using var runtime = Create(disk);
            var failure = await Record.ExceptionAsync(() =>
                _fixture.PassTimeUntilAsync(runtime.StartAsync(Cancellation)));
            refused = disk.HasRefused;
            if (failure is null)
                continue;

            explained++;
            Assert.Contains(disk.RefusedFile, failure.Message, StringComparison.Ordinal);
            Assert.Contains($"error {errno}", failure.Message, StringComparison.Ordinal);
            if (failure is VolumeException named)
                Assert.Equal(isConfiguration, named.IsConfiguration);
            else
                Assert.IsType<WalFailedException>(failure);
        }

        Assert.InRange(explained, 5, int.MaxValue);
    }

    private PersistenceRuntime Create(IFileSystem volume) => new(
        _fixture.Options,
        new PersistencePorts
        {
            Volume = volume,
            Lease = new FileLease(volume, _fixture.Clock),
            Journal = null,
            Snapshots = new FileSnapshotStore(volume),
        },
        _fixture.Clock,
        NullLoggerFactory.Instance,
        new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
}
