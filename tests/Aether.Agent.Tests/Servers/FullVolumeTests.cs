using System.Security.Cryptography;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Servers;

/// <summary>The agent on a real file system, a tmpfs, that is smaller than its log may become.</summary>
[Trait("Field", "F10")]
public sealed class FullVolumeTests : IAsyncLifetime
{
    private const int Commits = 40;

    private static readonly (string, string) SmallSegments = (AetherVariables.WalSegmentBytes, $"{1 << 20}");

    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder _folder = new("full");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return _world.DisposeAsync();
    }

    [Fact]
    public async Task Agent_whose_volume_is_smaller_than_its_log_continues_and_recovers_after_a_kill()
    {
        await using var mounts = await MountNamespace.CreateAsync(
            _folder.Path, $"mount -t tmpfs -o size=5m none '{_folder.Subfolder("volume")}'");
        await using (var first = await _world.StartAgentAsync(_folder, "first", mounts, SmallSegments))
        {
            await using var client = await first.Endpoints.ConnectAsync();
            for (var i = 0; i < Commits; i++)
                await CommitAsync(client, i);
            await first.KillAsync();
        }

        await using var second = await _world.StartAgentAsync(_folder, "second", mounts, SmallSegments);
        await using var world = await second.Endpoints.ConnectAsync();
        for (var i = 0; i < Commits; i++)
            await CommitAsync(world, Commits + i);
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((2UL * Commits, 2UL * Commits), (state.Sequence, state.Keys));
    }

    [Fact]
    public async Task Agent_with_default_sizes_continues_in_300_MB_and_recovers_after_a_kill()
    {
        int[] lives = [450, 100];
        await using var mounts = await MountNamespace.CreateAsync(
            _folder.Path, $"mount -t tmpfs -o size=300m none '{_folder.Subfolder("volume")}'");
        foreach (var commits in lives)
        {
            await using var agent = await _world.StartAgentAsync(_folder, $"writer-{commits}", mounts);
            await using var client = await agent.Endpoints.ConnectAsync();
            for (var i = 0; i < commits; i++)
                await CommitAsync(client, $"{commits}-{i}", $"{i % 60}", RandomNumberGenerator.GetBytes(700_000));
            await agent.KillAsync();
        }

        await using var last = await _world.StartAgentAsync(_folder, "last", mounts);
        await using var world = await last.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal(((ulong)lives.Sum(), 60UL), (state.Sequence, state.Keys));
    }

    [Fact]
    public async Task Agent_that_starts_on_a_volume_without_a_free_byte_serves_its_world()
    {
        var volume = _folder.Subfolder("volume");
        await using var mounts = await MountNamespace.CreateAsync(
            _folder.Path, $"mount -t tmpfs -o size=9m none '{volume}'");
        await using (var first = await _world.StartAgentAsync(_folder, "first", mounts, SmallSegments))
        {
            await using var client = await first.Endpoints.ConnectAsync();
            for (var i = 0; i < 10; i++)
                await CommitAsync(client, i);
            await first.KillAsync();
        }

        await FillAsync(mounts, volume);
        await using var second = await _world.StartAgentAsync(_folder, "second", mounts, SmallSegments);
        await using var world = await second.Endpoints.ConnectAsync();
        await CommitAsync(world, 10);
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((11UL, 11UL), (state.Sequence, state.Keys));
    }

    // Leaves the volume like a former agent that could not create the next segment: full, and without a spare.
    private async Task FillAsync(MountNamespace mounts, string volume)
    {
        await using var fill = await AgentProcess.LaunchAsync(
            _folder.Path,
            mounts.In(
                "/bin/sh", "-c", $"rm -f '{volume}/wal/next.spare'; cat /dev/zero > '{volume}/filler' 2> /dev/null; :"),
            new Dictionary<string, string>());
        Assert.Equal(0, await fill.Exited.WaitAsync(Cancellation));
    }

    // Waits as long as the snapshot that makes room takes, however busy the machine is.
    private static Task CommitAsync(AetherWorld world, int i) =>
        CommitAsync(world, $"commit-{i}", $"{i}", new byte[300_000]);

    private static async Task CommitAsync(AetherWorld world, string idempotencyKey, string id, byte[] value)
    {
        var commit = new WorldCommit(idempotencyKey) { Durability = WorldDurability.Fsync }.Put(new("k", id), value);
        while (true)
        {
            try
            {
                await world.CommitAsync(commit, Cancellation);
                return;
            }
            catch (AgentOverloadedException refusal)
            {
                Assert.Contains("no room for the log", refusal.Message, StringComparison.Ordinal);
            }
        }
    }
}
