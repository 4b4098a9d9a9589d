using Aether.Benchmarks.Harness;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>The cost of a caller and of this harness alone: commits that are created and dropped.</summary>
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
