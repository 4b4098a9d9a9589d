using System.Text;
using Aether.Persistence.Commits;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>A world in a folder of the real file system, with neither stores nor a journal.</summary>
public sealed class LocalWorldTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aether-local-");
    private FileLease? _lease;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _lease?.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task World_recovers_after_a_stop()
    {
        StateDigest digest;
        await using (var first = await OpenAsync())
        {
            for (var i = 0; i < 1000; i++)
                await first.CommitAsync(Put($"player-{i % 100}", $"gold={i}"), Cancellation);
            digest = first.Capture().Digest;
            await first.StopAsync(Cancellation);
        }

        await using var second = await OpenAsync();

        Assert.Equal(new Sequence(1000), second.Status.Sequence);
        Assert.Equal(digest, second.Status.Digest);
        Assert.Equal(new Epoch(2), second.Status.Epoch);
        Assert.Equal("gold=999", await ReadAsync(second, "player-99"));
    }

    [Fact]
    public async Task World_recovers_after_its_agent_died()
    {
        await using (var first = await OpenAsync())
        {
            await Parallel.ForAsync(0, 500, Cancellation, async (i, cancellation) =>
                await first.CommitAsync(Put($"player-{i}", "gold=1"), cancellation));
            await first.SnapshotAsync(Cancellation);
            for (var i = 0; i < 500; i++)
                await first.CommitAsync(Put($"player-{i}", "gold=2"), Cancellation);
        }

        await using var second = await OpenAsync();

        Assert.Equal(new Sequence(1000), second.Status.Sequence);
        Assert.Equal(new Sequence(500), second.Status.Recovery!.SnapshotSequence);
        Assert.Equal(500UL, second.Status.Recovery.ReplayedFromVolume);
        Assert.Equal(500, second.Capture().Scan("player", "player-").Count);
        Assert.Equal("gold=2", await ReadAsync(second, "player-7"));
    }

    [Fact]
    public async Task A_world_that_lost_its_openings_opens_above_the_epoch_of_its_log()
    {
        for (var i = 1; i <= 3; i++)
        {
            await using var runtime = await OpenAsync();
            await runtime.CommitAsync(Put("player", $"gold={i}"), Cancellation);
        }
        File.Delete(Path.Combine(_folder.FullName, "lease.epochs"));
        await using (var fourth = await OpenAsync())
            await fourth.CommitAsync(Put("player", "gold=4"), Cancellation);

        await using var fifth = await OpenAsync();

        Assert.Equal((new Sequence(4), new Epoch(5)), (fifth.Status.Sequence, fifth.Status.Epoch));
    }

    [Fact]
    public async Task World_recovers_however_often_it_is_stopped()
    {
        for (var i = 0; i < 4; i++)
        {
            await using var runtime = await OpenAsync();
            Assert.Equal(new Sequence((ulong)i), runtime.Status.Sequence);
            await runtime.CommitAsync(Put("player", $"gold={i}"), Cancellation);
            await runtime.SnapshotAsync(Cancellation);
            await runtime.StopAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Volume_cannot_be_opened_by_two_agents()
    {
        await using var first = await OpenAsync();

        await Assert.ThrowsAsync<VolumeInUseException>(OpenAsync);
    }

    private static Commit Put(string id, string value) =>
        new([Mutation.Put(new StateKey("player", id), Encoding.UTF8.GetBytes(value))]);

    private static async Task<string> ReadAsync(PersistenceRuntime runtime, string id)
    {
        var read = await runtime.GetAsync(new StateKey("player", id), confirmed: true, Cancellation);
        return Encoding.UTF8.GetString(read.Value!.Value.Value.Span);
    }

    private async Task<PersistenceRuntime> OpenAsync()
    {
        var volume = new LocalFileSystem(_folder.FullName);
        _lease?.Dispose();
        _lease = new FileLease(volume, TimeProvider.System);
        var runtime = new PersistenceRuntime(
            new PersistenceOptions { WorldId = "local", Holder = "test", SegmentBytes = 16384 },
            new PersistencePorts
            {
                Volume = volume,
                Lease = _lease,
                Journal = null,
                Snapshots = new FileSnapshotStore(volume),
            },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));
        await runtime.StartAsync(Cancellation);
        return runtime;
    }
}
