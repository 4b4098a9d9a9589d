using System.Runtime.CompilerServices;
using Aether.Agent.Metrics;
using Aether.Persistence.Commits;
using Aether.Persistence.Runtime;

namespace Aether.Agent.Worlds;

/// <summary>Commits for every surface, so that each commit is timed.</summary>
internal sealed class WorldCommits(PersistenceRuntime runtime, AgentMetrics metrics, TimeProvider clock)
{
    /// <summary>Commits and awaits the answer; for callers that have other work to do afterwards.</summary>
    public async Task<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken)
    {
        var committing = CommitAsync(commit, pipelined: false, cancellationToken);
        var answered = committing.IsCompleted;
        var result = await committing;

        // The log's own thread runs this continuation. Yield, so that it can flush for other callers.
        if (!answered)
            await Task.Yield();
        return result;
    }

    /// <summary>
    /// Commits; the commit has its place in the log when this method returns, as
    /// <see cref="PersistenceRuntime.CommitAsync(Commit, bool, CancellationToken)"/> promises. The continuation of the
    /// await runs on the log's thread.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CommitResult> CommitAsync(
        Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        var arrived = clock.GetTimestamp();
        var result = await runtime.CommitAsync(commit, pipelined, cancellationToken);
        metrics.ObserveCommit(result.Durability, clock.GetElapsedTime(arrived));
        return result;
    }
}
