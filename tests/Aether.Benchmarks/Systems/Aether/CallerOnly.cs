using Aether.Benchmarks.Harness;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>What a caller and this harness cost alone: commits that are made and dropped.</summary>
internal sealed class CallerOnly(Workload workload) : ISession
{
    private Commit? _last;

    public ValueTask WriteAsync(long n)
    {
        _last = AetherEngine.MakeCommit(workload, n, Durability.Batched);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        GC.KeepAlive(_last);
        return ValueTask.CompletedTask;
    }
}
