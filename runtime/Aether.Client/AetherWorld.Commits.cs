using Grpc.Core;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    // The number of commits that the agent reads ahead of its answers. Further commits wait here.
    private const int MaxShared = 1024;

    private readonly Lock _opening = new();
    private readonly CommitRoom _room;    // for what CommitAsync was given
    private WorldCommitStream? _commits;  // _opening: what CommitAsync sends through

    /// <summary>Applies a commit, all of it or nothing; completes when the durability asked for is reached.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer; a commit on its way is made.</param>
    /// <exception cref="VersionMismatchException">An expected version does not hold.</exception>
    /// <exception cref="InvalidCommitException">The commit exceeds a limit or is malformed.</exception>
    /// <exception cref="IdempotencyConflictException">Its idempotency key was used for other content.</exception>
    /// <exception cref="OutcomeUnknownException">
    /// It was sent before, and its key could have been forgotten since.
    /// </exception>
    /// <exception cref="AgentOverloadedException">
    /// The agent's queue or log is full, or <see cref="AetherWorldOptions.MaxUnansweredBytes"/> have no answer yet.
    /// </exception>
    /// <exception cref="AgentFencedException">Another agent has taken the world over.</exception>
    /// <exception cref="AgentUnavailableException">
    /// Nobody answered, or the agent was silent for <see cref="AetherWorldOptions.SilenceLimit"/>. Without an
    /// idempotency key the commit is not sent again, and its outcome is unknown.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The world was disposed; the outcome is as unknown.</exception>
    public Task<WorldCommitted> CommitAsync(WorldCommit commit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (!_room.TryReserve(commit, out var room, out var refusal))
            return Task.FromException<WorldCommitted>(refusal);
        return commit.IsRepeatable
            ? RepeatAsync(commit, room, cancellationToken)
            : SendAsync(commit, room, cancellationToken);
    }

    /// <summary>
    /// Opens a stream of commits that are applied in the order handed over, without waiting for one another's answer.
    /// </summary>
    /// <param name="maxInFlight">How many commits may be under way; those beyond wait here.</param>
    public WorldCommitStream OpenCommitStream(int maxInFlight = 256) =>
        new(_agent, _options, _seen, maxInFlight, _disposal.Token);

    // The commit keeps its room between two attempts, so that a commit that was accepted is never refused later.
    private async Task<WorldCommitted> RepeatAsync(
        WorldCommit commit, CommitRoom.Reservation room, CancellationToken cancellationToken)
    {
        try
        {
            return await RepeatAsync(token => SendAsync(commit, room.AddHolder(), token), cancellationToken);
        }
        finally
        {
            room.Release();
        }
    }

    private Task<WorldCommitted> SendAsync(
        WorldCommit commit, CommitRoom.Reservation room, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            room.Release();
            return Task.FromCanceled<WorldCommitted>(cancellationToken);
        }

        return room.BytesOnWire > CommitBatch.MaxBytes
            ? CallAsync(commit, room, cancellationToken)
            : SendAsync(new PendingCommit(commit, _seen, room), cancellationToken);
    }

    // A message on an open stream costs half as much as a call. The stream ends at its first outage together with all
    // its unanswered commits. Each commit then decides itself whether it is sent again.
    private Task<WorldCommitted> SendAsync(PendingCommit pending, CancellationToken cancellationToken)
    {
        lock (_opening)
        {
            while (_commits?.TryAdd(pending) != true)
            {
                _commits = new WorldCommitStream(
                    _agent, _options with { Retry = RetryPolicy.None }, _seen, MaxShared, _disposal.Token);
            }
        }

        return pending.Answer.WaitAsync(cancellationToken);
    }

    // A large commit is sent as a call of its own: on the stream it would delay the other commits, or end the stream if
    // the agent refuses the size.
    private async Task<WorldCommitted> CallAsync(
        WorldCommit commit, CommitRoom.Reservation room, CancellationToken cancellationToken)
    {
        try
        {
            using var call = _agent.CommitAsync(commit.ToRequest(_seen), cancellationToken: cancellationToken);
            var reply = await call;
            _seen.Record(reply.Epoch, reply.Sequence);
            return Wire.ToCommitted(reply);
        }
        catch (Exception e) when (Refusal.GivenUp(e, cancellationToken, _disposal.Token) is { } end)
        {
            throw end;
        }
        catch (Exception e) when (Refusal.IsOutage(e))
        {
            throw Refusal.Unavailable(e);
        }
        catch (RpcException e)
        {
            throw Refusal.From(e);
        }
        finally
        {
            room.Release();
        }
    }
}
