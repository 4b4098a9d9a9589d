using Aether.Persistence.Commits;

namespace Aether.Persistence.Runtime;

/// <content>A commit while tracing has a listener.</content>
public sealed partial class PersistenceRuntime
{
    private async ValueTask<CommitResult> CommitTracedAsync(
        Commit commit, bool pipelined, CancellationToken cancellationToken)
    {
        using var span = EngineTracing.StartCommit(commit.Mutations.Count);
        try
        {
            var result = await CommitUntracedAsync(commit, pipelined, cancellationToken);
            span?.SetTag("aether.commit.sequence", (long)result.Sequence.Value)
                .SetTag("aether.commit.durability", result.Durability.ToString())
                .SetTag("aether.commit.repeated", result.Repeated)
                .SetTag("aether.epoch", (long)result.Epoch.Value);
            return result;
        }
        catch (Exception exception)
        {
            EngineTracing.Fail(span, exception);
            throw;
        }
    }
}
