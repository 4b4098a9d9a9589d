using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Servers;

/// <summary>An Ephemeral world, whose state survives its agents only in snapshots in Redis.</summary>
internal sealed class EphemeralWorld : IAsyncDisposable
{
    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder _folder = new("ephemeral");

    public static WorldCommit Put(string id) => new WorldCommit().Put(new("k", id), new byte[] { 1 });

    public Task InitializeAsync() => _world.InitializeAsync().AsTask();

    /// <summary>Starts an agent; <paramref name="more"/> says where Redis is.</summary>
    public Task<AgentProcess> StartAsync(RedisServer redis, params (string Name, string Value)[] more) =>
        _world.StartAgentAsync(
            _folder,
            "first",
            [
                (AetherVariables.WorldClass, "Ephemeral"),
                (AetherVariables.CriticalKinds, ""),
                (AetherVariables.SnapshotIntervalSeconds, "3600"),
                (AetherVariables.RedisUsername, redis.AdminUsername),
                (AetherVariables.RedisPassword, redis.AdminPassword),
                (AetherVariables.RedisKeyPrefix, "aether:{economy}:"),
                .. more,
            ]);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Dispose();
    }
}
