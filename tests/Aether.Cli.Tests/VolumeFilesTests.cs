namespace Aether.Cli.Tests;

/// <summary>How <c>wal verify</c> checks the files beside the log.</summary>
[Trait("Field", "F19")]
public sealed class VolumeFilesTests : IDisposable
{
    private readonly TestVolumes _volumes = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _volumes.Dispose();

    [Fact]
    public async Task Verify_notices_damaged_openings_and_says_what_to_do()
    {
        await _volumes.WriteLocalAsync();
        await File.WriteAllTextAsync(
            Path.Combine(_volumes.PathOf("volume"), "lease.epochs"), "1 nonsense\n", Cancellation);

        var result = await _volumes.RunAsync("wal", "verify", "./volume");
        var json = await _volumes.RunAsync("wal", "verify", "./volume", "--output", "json");

        Assert.Equal((1, 1), (result.Code, json.Code));
        Assert.Contains(
            "damage  lease.epochs: the line '1 nonsense' does not record an opening",
            result.Output,
            StringComparison.Ordinal);
        Assert.Contains("move it out of the volume", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sound   an agent", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("aether wal repair", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"damagedFiles\":[{\"file\":\"lease.epochs\"", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_notices_a_damaged_identity_where_the_world_was_named()
    {
        await _volumes.WriteLocalAsync();
        await File.WriteAllTextAsync(
            Path.Combine(_volumes.PathOf("volume"), "volume.id"), "nonsense", Cancellation);

        var result = await _volumes.RunAsync("wal", "verify", "./volume", "--world", TestVolumes.World);

        Assert.Equal(1, result.Code);
        Assert.Contains("damage  volume.id: it is not the identity", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_notes_each_damaged_snapshot_also_if_the_log_needs_none()
    {
        await _volumes.WriteLocalAsync();
        var snapshot = Assert.Single(Directory.GetFiles(Path.Combine(_volumes.PathOf("volume"), "snapshots")));
        TestVolumes.Flip(snapshot, 100);

        var result = await _volumes.RunAsync("wal", "verify", "./volume");

        Assert.Equal(0, result.Code);
        Assert.Contains("note    snapshots/", result.Output, StringComparison.Ordinal);
    }
}
