using System.Text.Json;
using Aether.Persistence;
using Aether.Persistence.Commits;

namespace Aether.Cli.Tests;

/// <summary><c>wal ls</c>, <c>cat</c> and <c>verify</c> on logs that were damaged on purpose.</summary>
public sealed class WalInspectionTests : IDisposable
{
    private const string SecondSegment = "wal/00000000000000000006.wal";

    private readonly TestVolumes _volumes = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _volumes.Dispose();

    [Fact]
    public async Task Verify_notices_a_flipped_bit_anywhere_in_a_sealed_segment()
    {
        await _volumes.WriteLocalAsync();
        var segment = _volumes.Segments("volume")[1];

        for (var offset = 0; offset < 3540; offset += 59)
        {
            TestVolumes.Flip(segment, offset);
            var result = await _volumes.RunAsync("wal", "verify", "./volume");
            TestVolumes.Flip(segment, offset);

            Assert.Equal(1, result.Code);
            Assert.Contains($"damage  {SecondSegment}, byte ", result.Output, StringComparison.Ordinal);
            Assert.Contains("aether wal repair ./volume", result.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(4096 - 512)]
    [InlineData(4096 - 490)]
    [InlineData(4096 - 440)]
    [InlineData(4096 - 1)]
    public async Task Verify_notices_a_flipped_bit_in_a_footer(int offset)
    {
        await _volumes.WriteLocalAsync();
        TestVolumes.Flip(_volumes.Segments("volume")[1], offset);

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains(
            $"{SecondSegment}, byte 3584: the footer of the segment", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_notices_blocks_that_are_gone_from_the_end_of_a_sealed_segment()
    {
        await _volumes.WriteLocalAsync();
        using (var file = File.Open(_volumes.Segments("volume")[1], FileMode.Open))
        {
            file.Position = 2844;
            file.Write(new byte[3584 - 2844]);
        }

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains("its footer says that it ends with commit 10", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_that_was_cut_short_is_damaged()
    {
        await _volumes.WriteLocalAsync();
        using (var file = File.Open(_volumes.Segments("volume")[1], FileMode.Open))
            file.SetLength(2000);

        var result = await _volumes.RunAsync("wal", "ls", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains("6 to 7    1       2 ", result.Output, StringComparison.Ordinal);
        Assert.Contains("damaged at byte ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_larger_than_any_array_is_read()
    {
        await _volumes.WriteLocalAsync();
        await using (var file = File.Open(_volumes.Segments("volume")[1], FileMode.Open))
            file.SetLength(int.MaxValue + 4096L);

        var result = await _volumes.RunAsync("wal", "ls", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains($"{SecondSegment}  6 to 10  ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_segment_shows_at_the_one_after_it()
    {
        await _volumes.WriteLocalAsync();
        File.Delete(_volumes.Segments("volume")[1]);

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains(
            "00011.wal, byte 0: it begins with commit 11, but the segment before it ends with 5.",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("log     commits 1 to 5 without a gap", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segments_with_swapped_names_are_recognised()
    {
        await _volumes.WriteLocalAsync();
        SwapFirstTwo();

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains(
            "00006.wal, byte 0: its name is not that of a segment that begins with commit 1.",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("log     commits 1 to 14 without a gap", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_of_another_world_is_damage()
    {
        await _volumes.WriteLocalAsync();
        await using (var other = await _volumes.OpenLocalAsync("other", "another-world"))
            await other.CommitAsync(new([Put()]), Cancellation);
        File.Copy(_volumes.Segments("other")[0], _volumes.Segments("volume")[0], overwrite: true);

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains("the segment belongs to another world.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Torn_tail_is_not_damage()
    {
        await _volumes.WriteLocalAsync();
        Tear();

        var listed = await _volumes.RunAsync("wal", "ls", "./volume");
        var verified = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal((0, 0), (listed.Code, verified.Code));
        Assert.Contains("11 to 13  2", listed.Output, StringComparison.Ordinal);
        Assert.Contains("torn tail of ", listed.Output, StringComparison.Ordinal);
        Assert.Contains("never acknowledged", verified.Output, StringComparison.Ordinal);
        Assert.Contains("after commit 13", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_starts_from_the_newest_usable_snapshot_where_the_first_commit_is_gone()
    {
        var digest = await _volumes.WriteLocalAsync();
        File.Delete(_volumes.Segments("volume")[0]);

        var result = await _volumes.RunAsync("wal", "verify", "./volume", "-o", "json");

        using var json = JsonDocument.Parse(result.Output);
        var verdict = json.RootElement.GetProperty("verdict");
        Assert.Equal(0, result.Code);
        Assert.True(json.RootElement.GetProperty("sound").GetBoolean());
        Assert.Equal("FromSnapshot", verdict.GetProperty("proof").GetString());
        Assert.Equal(6UL, verdict.GetProperty("snapshot").GetUInt64());
        Assert.Equal(8UL, verdict.GetProperty("replayed").GetUInt64());
        Assert.Equal(14UL, verdict.GetProperty("sequence").GetUInt64());
        Assert.Equal(digest.ToString(), verdict.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Verify_reports_what_it_could_not_prove()
    {
        await _volumes.WriteLocalAsync();
        File.Delete(_volumes.Segments("volume")[0]);
        Directory.Delete(Path.Combine(_volumes.PathOf("volume"), "snapshots"), recursive: true);

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(0, result.Code);
        Assert.Contains("replay  not possible", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cat_continues_after_damage_and_reports_it()
    {
        await _volumes.WriteLocalAsync();
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);

        var result = await _volumes.RunAsync("wal", "cat", "./volume", "-o", "json");

        var commits = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt32());
        Assert.Equal(1, result.Code);
        Assert.Equal([1, .. Enumerable.Range(3, 12)], commits);
        Assert.Contains("is damaged at byte 759", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", "put player/42 6 B \"gold=7\"")]
    [InlineData("base64", "put player/42 6 B base64:Z29sZD03")]
    [InlineData("hex", "put player/42 6 B hex:676f6c643d37")]
    [InlineData("none", "put player/42 6 B")]
    public async Task Cat_shows_values_in_the_requested_encoding(string values, string shown)
    {
        await _volumes.WriteLocalAsync();

        var result = await _volumes.RunAsync("wal", "cat", "./volume", "--key", "42", "--values", values);

        Assert.Equal(0, result.Code);
        Assert.EndsWith($"key trade-7: {shown}\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cat_shows_the_commits_between_two_that_change_a_key()
    {
        await _volumes.WriteLocalAsync();

        var range = await _volumes.RunAsync("wal", "cat", "./volume", "--from", "4", "--to", "7");
        var key = await _volumes.RunAsync("wal", "cat", "./volume", "--kind", "item", "--key", "1");

        Assert.Equal(["4", "5", "6", "7"], Lines(range).Select(line => line.Split(' ')[0]));
        Assert.Equal(["put item/1 600 B", "delete item/1"], Lines(key).Select(line => line.Split(": ")[1]));
    }

    [Fact]
    public async Task Inspection_does_not_change_the_volume()
    {
        await _volumes.WriteLocalAsync();
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);
        Tear();
        var before = _volumes.Contents("volume");

        foreach (var command in new[]
        {
            "wal ls", "wal cat", "wal verify", "wal repair", "snapshot ls", "snapshot verify", "diverged ls",
        })
            await _volumes.RunAsync([.. command.Split(' '), "./volume"]);

        Assert.Equal(before, _volumes.Contents("volume"));
    }

    [Fact]
    public async Task A_copy_of_the_log_alone_is_read_once_its_world_is_named()
    {
        await _volumes.WriteLocalAsync();
        File.Delete(Path.Combine(_volumes.PathOf("volume"), "volume.id"));

        var unnamed = await _volumes.RunAsync("wal", "verify", "./volume");
        var named = await _volumes.RunAsync("wal", "verify", "./volume", "--world", TestVolumes.World);
        var wrong = await _volumes.RunAsync("wal", "verify", "./volume", "--world", "another");

        Assert.Equal((2, 0, 1), (unnamed.Code, named.Code, wrong.Code));
        Assert.Contains("--world", unnamed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wal", "ls")]
    [InlineData("wal", "ls", "./nowhere")]
    [InlineData("wal", "ls", "./volume", "--folder", "diverged/9-9")]
    [InlineData("wal", "ls", "./volume", "--colour")]
    [InlineData("wal", "cat", "./volume", "--from", "yesterday")]
    [InlineData("wal", "cat", "./volume", "--values", "morse")]
    [InlineData("wal", "repair", "./volume", "--keep", "all")]
    [InlineData("wal", "mend", "./volume")]
    [InlineData("wal")]
    public async Task Contradictory_or_impossible_arguments_are_refused_as_bad_usage(params string[] arguments)
    {
        await _volumes.WriteLocalAsync();

        var result = await _volumes.RunAsync(arguments);

        Assert.Equal(2, result.Code);
        Assert.StartsWith("aether: ", result.Errors, StringComparison.Ordinal);
    }

    private static string[] Lines(CliResult result) => result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Mutation Put() => Mutation.Put(new StateKey("item", "1"), "x"u8.ToArray());

    private void SwapFirstTwo()
    {
        var segments = _volumes.Segments("volume");
        File.Move(segments[0], segments[0] + "~");
        File.Move(segments[1], segments[0]);
        File.Move(segments[0] + "~", segments[1]);
    }

    // Removes the second half of the last block, as a crash in the middle of its write might.
    private void Tear()
    {
        using var file = File.Open(_volumes.Segments("volume")[^1], FileMode.Open);
        file.Position = 2200;
        file.Write(new byte[4096 - 2200]);
    }
}
