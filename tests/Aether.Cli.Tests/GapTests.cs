using System.Text.Json;
using Aether.Persistence;
using Aether.Persistence.Commits;
using Aether.Persistence.Recovery;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Cli.Tests;

/// <summary>
/// Logs with a commit that is in no block and acknowledged commits after it, as agents before ADR 0023 could leave
/// them.
/// </summary>
[Trait("Field", "F01")]
public sealed class GapTests : IDisposable
{
    private const string Gap =
        "commit 16 was never in a block, so never acknowledged; "
        + "commits 17 to 18 after it (2 commits) were acknowledged";

    private readonly TestVolumes _volumes = new();

    public void Dispose() => _volumes.Dispose();

    [Fact]
    public async Task Verify_names_a_gap_and_the_acknowledged_commits_after_it()
    {
        await WriteWithGapAsync();

        var text = await _volumes.RunAsync("wal", "verify", "./volume");
        var json = await _volumes.RunAsync("wal", "verify", "./volume", "-o", "json");

        Assert.Equal((1, 1), (text.Code, json.Code));
        Assert.Contains($"gap     {Gap}\n", text.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json.Output);
        AssertGap(document.RootElement.GetProperty("verdict"));
    }

    [Fact]
    public async Task A_plan_of_a_repair_names_a_gap_and_the_acknowledged_commits_it_would_drop()
    {
        await WriteWithGapAsync();

        var text = await _volumes.RunAsync("wal", "repair", "./volume", "--keep", "before");
        var json = await _volumes.RunAsync("wal", "repair", "./volume", "--keep", "before", "-o", "json");

        Assert.Equal((1, 1), (text.Code, json.Code));
        Assert.Contains($"gap      {Gap}\n", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            "drops    commits 17 to 18: 2 commits that were acknowledged\n", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            "or       --keep both, which keeps commits 1 to 18 instead\n", text.Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json.Output);
        AssertGap(document.RootElement.GetProperty("plan"));
    }

    [Fact]
    public async Task Repair_keeps_commits_acknowledged_after_a_gap()
    {
        await WriteWithGapAsync();
        var before = _volumes.Contents("volume");

        var planned = await _volumes.RunAsync("wal", "repair", "./volume");
        var done = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");
        var verified = await _volumes.RunAsync("wal", "verify", "./volume");
        await using var runtime = await _volumes.OpenLocalAsync();

        Assert.Equal((1, 0, 0), (planned.Code, done.Code, verified.Code));
        Assert.Contains("keep     commits 1 to 18\n", planned.Output, StringComparison.Ordinal);
        Assert.Contains(
            "fill     commit 16: by a commit that changes nothing\n", planned.Output, StringComparison.Ordinal);
        Assert.Contains("No commit is lost.", planned.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("drops", planned.Output, StringComparison.Ordinal);
        Assert.Contains("aether wal repair ./volume --yes --keep both", planned.Output, StringComparison.Ordinal);
        Assert.Contains("commits 1 to 18 without a gap", verified.Output, StringComparison.Ordinal);
        Assert.Equal(18UL, runtime.Status.Sequence.Value);
        foreach (var id in (string[])["15", "17", "18"])
            Assert.NotNull((await runtime.GetAsync(
                new StateKey("item", id), confirmed: true, TestContext.Current.CancellationToken)).Value);
        Assert.All(
            before.Where(file => file.Key.EndsWith(".wal", StringComparison.Ordinal)),
            file => Assert.Contains(file.Value, _volumes.Contents("volume").Values));
    }

    [Fact]
    public async Task A_gap_is_filled_although_the_state_before_the_log_is_elsewhere()
    {
        await WriteWithGapAsync();
        File.Delete(_volumes.Segments("volume")[0]);

        var done = await _volumes.RunAsync("wal", "repair", "./volume", "--yes");
        var verified = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal((0, 0), (done.Code, verified.Code));
        Assert.Contains("the agent verifies the rest", done.Output, StringComparison.Ordinal);
        Assert.Contains("commits 6 to 18 without a gap", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_with_other_damage_cannot_be_filled_and_is_left_alone()
    {
        await WriteWithGapAsync();
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);
        var before = _volumes.Contents("volume");

        var refused = await _volumes.RunAsync("wal", "repair", "./volume", "--yes", "--keep", "both");

        Assert.Equal(1, refused.Code);
        Assert.Contains("no such gap, or damage besides", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, _volumes.Contents("volume"));
    }

    private static void AssertGap(JsonElement report)
    {
        var gap = Assert.Single(report.GetProperty("gaps").EnumerateArray());
        Assert.Equal((16, 16), Range(gap.GetProperty("missing")));
        Assert.Equal((17, 18), Range(gap.GetProperty("following")));
    }

    private static (int First, int Last) Range(JsonElement range) =>
        (range.GetProperty("first").GetInt32(), range.GetProperty("last").GetInt32());

    // Commits 1 to 14 by the engine, 15 after them, and 17 and 18 after a gap.
    private async Task WriteWithGapAsync()
    {
        await _volumes.WriteLocalAsync(snapshotAt: 0);
        var stored = LogOpening.Open(
            new LocalFileSystem(_volumes.PathOf("volume")), TestVolumes.World, segmentBytes: 4096);
        var state = new WorldState(new PersistenceOptions { WorldId = TestVolumes.World, Holder = "test" });
        var replayer = new Replayer(state);
        foreach (var block in stored.ReadAfter(Sequence.None))
            replayer.Replay(block, "log");
        var epoch = new Epoch(replayer.End!.Value.Epoch.Value + 1);
        using var log = stored.Start(epoch, replayer.End.Value);
        Append(log, state, epoch, 15);
        state.MoveTo(state.Sequence.Next, state.CommittedAt);
        Append(log, state, epoch, 17);
        Append(log, state, epoch, 18);
    }

    private static void Append(WriteAheadLog log, WorldState state, Epoch epoch, int id)
    {
        var draft = CommitDraft.Of(new Commit([Mutation.Put(new StateKey("item", $"{id}"), new byte[600])]));
        var block = new PendingBlock();
        block.Begin(state.Sequence.Next);
        state.Apply(draft.Encoded, draft.Stamp(state.CommittedAt.AddMilliseconds(1)), draft.Changes, epoch);
        block.Add(draft.Encoded, state.Sequence, state.CommittedAt);
        block.Seal(state.Store.Digest);
        var (closed, checksum) = block.Close(epoch, log.End.Checksum ?? 0);
        log.Write(closed);
        log.Sync(closed, checksum);
    }
}
