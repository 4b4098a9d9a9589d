using System.Text.Json;

namespace Aether.Cli.Tests;

public sealed class SnapshotTests : IDisposable
{
    private readonly TestVolumes _volumes = new();

    public void Dispose() => _volumes.Dispose();

    [Fact]
    public async Task Every_flipped_bit_in_a_snapshot_is_noticed()
    {
        await _volumes.WriteLocalAsync();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_volumes.PathOf("volume"), "snapshots")));

        for (var offset = 0; offset < new FileInfo(file).Length - 4; offset += 97)
        {
            TestVolumes.Flip(file, offset);
            var result = await _volumes.RunAsync("snapshot", "verify", "./volume");
            TestVolumes.Flip(file, offset);

            Assert.Equal(1, result.Code);
            Assert.Contains("damaged: ", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_footer_shows_already_in_the_list()
    {
        await _volumes.WriteLocalAsync();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_volumes.PathOf("volume"), "snapshots")));
        TestVolumes.Flip(file, new FileInfo(file).Length - 30);

        var result = await _volumes.RunAsync("snapshot", "ls", "./volume");

        Assert.Equal(1, result.Code);
        Assert.Contains("damaged: its footer is damaged.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_shows_the_footers()
    {
        await _volumes.WriteLocalAsync();

        var result = await _volumes.RunAsync("snapshot", "ls", "./volume", "--output", "json");

        using var json = JsonDocument.Parse(result.Output);
        var snapshot = Assert.Single(json.RootElement.GetProperty("snapshots").EnumerateArray());
        var manifest = snapshot.GetProperty("manifest");
        Assert.Equal(0, result.Code);
        Assert.Equal(
            (6, 1, 6),
            (manifest.GetProperty("sequence").GetInt32(), manifest.GetProperty("epoch").GetInt32(),
                manifest.GetProperty("keys").GetInt32()));
    }
}
