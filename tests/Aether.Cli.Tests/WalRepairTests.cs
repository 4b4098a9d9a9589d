using System.Text.Json;
using Aether.Persistence;
using Aether.Persistence.Commits;

namespace Aether.Cli.Tests;

/// <summary><c>wal repair</c> on damaged logs, judged by the real engine that starts on the result.</summary>
public sealed class WalRepairTests : IDisposable
{
    private readonly TestVolumes _volumes = new();

    public void Dispose() => _volumes.Dispose();

    [Theory]
    [InlineData(1, 1000, 6UL)]
    [InlineData(1, 70, 5UL)]
    [InlineData(1, 3, 14UL)]
    [InlineData(1, 3590, 14UL)]
    [InlineData(2, 70, 10UL)]
    [InlineData(2, 2200, 13UL)]
    public async Task Engine_starts_with_the_sound_commits_after_a_repair(int segment, int offset, ulong last)
    {
        await _volumes.WriteLocalAsync(snapshotAt: 0);
        var damaged = _volumes.Segments("volume")[segment];
        TestVolumes.Flip(damaged, offset);
        var bytes = await File.ReadAllBytesAsync(damaged, TestContext.Current.CancellationToken);

        var repaired = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");
        var verified = await _volumes.RunAsync("wal", "verify", "./volume");

        await using var runtime = await _volumes.OpenLocalAsync();
        Assert.Equal((0, 0), (repaired.Code, verified.Code));
        Assert.Equal(last, runtime.Status.Sequence.Value);
        var quarantine = Path.Combine(_volumes.PathOf("volume"), "quarantine");
        var kept = Assert.Single(
            Directory.GetFiles(quarantine, Path.GetFileName(damaged), SearchOption.AllDirectories));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(kept, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Repair_names_the_commits_that_will_be_missing_and_keeps_them_in_quarantine()
    {
        await _volumes.WriteLocalAsync(snapshotAt: 0);
        TestVolumes.Flip(_volumes.Segments("volume")[1], 1000);
        var before = _volumes.Contents("volume");

        var planned = await _volumes.RunAsync("wal", "repair", "./volume");
        var done = await _volumes.RunAsync("wal", "repair", "./volume", "--yes", "-o", "json");

        Assert.Equal((1, 0), (planned.Code, done.Code));
        Assert.Contains("keep     commits 1 to 6 (before the damage)", planned.Output, StringComparison.Ordinal);
        Assert.Contains("missing  commits 7 to 14", planned.Output, StringComparison.Ordinal);
        Assert.Contains("aether wal repair ./volume --yes --keep before", planned.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(done.Output);
        var missing = Assert.Single(json.RootElement.GetProperty("plan").GetProperty("missing").EnumerateArray());
        Assert.Equal((7, 14), (missing.GetProperty("first").GetInt32(), missing.GetProperty("last").GetInt32()));
        Assert.All(
            before.Where(file => file.Key.EndsWith(".wal", StringComparison.Ordinal)),
            file => Assert.Contains(file.Value, _volumes.Contents("volume").Values));
    }

    [Fact]
    public async Task Repair_keeps_the_whole_state_that_a_snapshot_and_the_later_log_hold()
    {
        var digest = await _volumes.WriteLocalAsync();
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);

        var result = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");

        await using var runtime = await _volumes.OpenLocalAsync();
        Assert.Equal(0, result.Code);
        Assert.Contains("the state is complete", result.Output, StringComparison.Ordinal);
        Assert.Equal((14UL, digest), (runtime.Status.Sequence.Value, runtime.Status.Digest));
    }

    [Fact]
    public async Task Repair_corrects_swapped_names_and_loses_nothing()
    {
        var digest = await _volumes.WriteLocalAsync(snapshotAt: 0);
        var segments = _volumes.Segments("volume");
        File.Move(segments[0], segments[0] + "~");
        File.Move(segments[1], segments[0]);
        File.Move(segments[0] + "~", segments[1]);

        var result = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");

        await using var runtime = await _volumes.OpenLocalAsync();
        Assert.Contains("No commit is lost.", result.Output, StringComparison.Ordinal);
        Assert.Equal((14UL, digest), (runtime.Status.Sequence.Value, runtime.Status.Digest));
    }

    [Fact]
    public async Task Segment_of_another_world_is_removed_and_earlier_commits_stay()
    {
        await _volumes.WriteLocalAsync(snapshotAt: 0);
        await using (var other = await _volumes.OpenLocalAsync("other", "another-world"))
            await other.CommitAsync(
                new([Mutation.Put(new StateKey("a", "b"), "c"u8.ToArray())]), TestContext.Current.CancellationToken);
        File.Copy(_volumes.Segments("other")[0], _volumes.Segments("volume")[1], overwrite: true);

        var result = await _volumes.RunAsync("wal", "repair", "./volume", "--yes", "--keep", "before");

        await using var runtime = await _volumes.OpenLocalAsync();
        Assert.Equal(0, result.Code);
        Assert.Equal(5UL, runtime.Status.Sequence.Value);
    }

    [Fact]
    public async Task Journal_restores_commits_that_the_repaired_volume_lacks()
    {
        var digest = await _volumes.WriteShippedAsync("volume", shipped: 12, all: 12);
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);

        var result = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");

        await using var runtime = await _volumes.OpenShippedAsync("volume", "world-0");
        Assert.Contains("keep     commit 1 (before the damage)", result.Output, StringComparison.Ordinal);
        Assert.Equal((12UL, digest), (runtime.Status.Sequence.Value, runtime.Status.Digest));
    }

    [Fact]
    public async Task Keeping_the_part_after_old_damage_saves_unshipped_commits()
    {
        var digest = await _volumes.WriteShippedAsync("volume", shipped: 10, all: 13);
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);

        var planned = await _volumes.RunAsync("wal", "repair", "./volume");
        var done = await _volumes.RunAsync("wal", "repair", "./volume", "--yes", "--keep", "after");

        await using var runtime = await _volumes.OpenShippedAsync("volume", "world-0");
        Assert.Contains("or       --keep after", planned.Output, StringComparison.Ordinal);
        Assert.Equal(0, done.Code);
        Assert.Equal((13UL, digest), (runtime.Status.Sequence.Value, runtime.Status.Digest));
    }

    [Fact]
    public async Task Repair_is_refused_while_an_agent_has_the_volume_open()
    {
        await _volumes.WriteLocalAsync();
        await using var runtime = await _volumes.OpenLocalAsync();
        var before = _volumes.Contents("volume");

        var planned = await _volumes.RunAsync("wal", "repair", "./volume");
        var done = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");

        Assert.Equal((3, 3), (planned.Code, done.Code));
        Assert.Contains("Another agent has this volume open", done.Errors, StringComparison.Ordinal);
        Assert.Equal(before, _volumes.Contents("volume"));
    }

    [Fact]
    public async Task A_sound_log_is_left_alone()
    {
        await _volumes.WriteLocalAsync();
        var before = _volumes.Contents("volume");

        var result = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");

        Assert.Equal((0, "Nothing is damaged, nothing was changed.\n"), (result.Code, result.Output));
        Assert.Equal(before, _volumes.Contents("volume"));
    }
}
