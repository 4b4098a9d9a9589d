using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Client;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>Commits through the agent's socket, sent by the SDK's single calls or on a stream.</summary>
internal sealed class AetherSocket : ISession
{
    private readonly Workload _workload;
    private readonly AetherAgent _agent;
    private readonly WorldCommitStream? _stream;

    private AetherSocket(Workload workload, AetherAgent agent, WorldCommitStream? stream)
    {
        _workload = workload;
        _agent = agent;
        _stream = stream;
    }

    /// <summary>As <see cref="AetherWorld.CommitAsync"/> sends them.</summary>
    public static async Task<ISession> OpenAsync(Trial trial) =>
        new AetherSocket(trial.Workload, await AetherAgent.StartAsync(trial.Folder), null);

    /// <summary>All commits go through one stream.</summary>
    public static async Task<ISession> OpenStreamAsync(Trial trial)
    {
        var agent = await AetherAgent.StartAsync(trial.Folder);
        return new AetherSocket(trial.Workload, agent, agent.World.OpenCommitStream());
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n)
    {
        var key = Workload.Key(n);
        var commit = new WorldCommit(_workload.IdempotencyKey(n))
            .Put(new WorldKey(key.Kind, key.Id), _workload.Value(n));
        await (_stream is null ? _agent.World.CommitAsync(commit) : _stream.CommitAsync(commit));
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        await _agent.DisposeAsync();
    }
}
