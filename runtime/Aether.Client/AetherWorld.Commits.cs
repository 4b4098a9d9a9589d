using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    /// <summary>Applies a commit, all of it or nothing; completes when the durability asked for is reached.</summary>
    /// <exception cref="VersionMismatchException">An expected version does not hold.</exception>
    /// <exception cref="InvalidCommitException">The commit exceeds a limit or is malformed.</exception>
    /// <exception cref="IdempotencyConflictException">Its idempotency key was used for other content.</exception>
    /// <exception cref="AgentOverloadedException">The agent's queue or log is full.</exception>
    /// <exception cref="AgentFencedException">Another agent has taken the world over.</exception>
    /// <exception cref="AgentUnavailableException">
    /// Nobody answered. Without an idempotency key the commit is not sent again, and its outcome is unknown.
    /// </exception>
    public async Task<WorldCommitted> CommitAsync(WorldCommit commit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (commit.IsRepeatable)
            return Wire.ToCommitted(await RepeatAsync(Send, cancellationToken));

        try
        {
            using var call = Send(cancellationToken);
            return Wire.ToCommitted(await call);
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (Refusal.IsOutage(e))
        {
            throw Refusal.Unavailable(e);
        }
        catch (RpcException e)
        {
            throw Refusal.From(e);
        }

        AsyncUnaryCall<CommitReply> Send(CancellationToken token) =>
            _agent.CommitAsync(commit.Request, cancellationToken: token);
    }

    /// <summary>
    /// Opens a stream of commits that are applied in the order handed over, without waiting for one another's answer.
    /// </summary>
    /// <param name="maxInFlight">How many commits may be under way; those beyond wait here.</param>
    public WorldCommitStream OpenCommitStream(int maxInFlight = 256) => new(_agent, _options, maxInFlight);
}
