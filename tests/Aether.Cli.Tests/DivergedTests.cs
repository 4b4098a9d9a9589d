using System.Text.Json;

namespace Aether.Cli.Tests;

public sealed class DivergedTests : IDisposable
{
    private readonly TestVolumes _volumes = new();

    public void Dispose() => _volumes.Dispose();

    [Fact]
    public async Task Diverged_commits_are_counted()
    {
        await _volumes.WriteRejoinedAsync();

        var result = await _volumes.RunAsync("diverged", "ls", "./rejoined", "-o", "json");

        using var json = JsonDocument.Parse(result.Output);
        var log = Assert.Single(json.RootElement.GetProperty("diverged").EnumerateArray());
        Assert.Equal(0, result.Code);
        Assert.Equal("diverged/1-11", log.GetProperty("folder").GetString());
        Assert.Equal(
            (11, 13, 3),
            (log.GetProperty("first").GetInt32(), log.GetProperty("last").GetInt32(),
                log.GetProperty("commits").GetInt32()));
    }

    [Fact]
    public async Task A_diverged_log_is_verified_like_any_other()
    {
        await _volumes.WriteRejoinedAsync();
        var folder = Path.Combine(_volumes.PathOf("rejoined"), "diverged/1-11");

        var sound = await _volumes.RunAsync("wal", "verify", "./rejoined", "--folder", "diverged/1-11");
        TestVolumes.Flip(Directory.GetFiles(folder, "*.wal")[0], 1000);
        var damaged = await _volumes.RunAsync("wal", "verify", "./rejoined", "--folder", "diverged/1-11");
        var listed = await _volumes.RunAsync("diverged", "ls", "./rejoined");

        Assert.Equal((0, 1, 1), (sound.Code, damaged.Code, listed.Code));
        Assert.Contains("state   after commit 13", sound.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_without_diverged_commits_shows_an_empty_list()
    {
        await _volumes.WriteLocalAsync();

        var result = await _volumes.RunAsync("diverged", "ls", "./volume", "-o", "json");

        Assert.Equal((0, """{"volume":"VOLUME","world":"economy","diverged":[]}"""),
            (result.Code, result.Output.Trim().Replace("./volume", "VOLUME", StringComparison.Ordinal)));
    }
}
