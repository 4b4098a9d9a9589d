using Grpc.Core;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    // The number of commits that the agent reads ahead of its answers. Further commits wait here.
    private const int MaxShared = 1024;

    private readonly Lock _opening = new();
    private readonly CommitRoom _room;    // for the commits of CommitAsync
    private WorldCommitStream? _commits;  // _opening: the stream for the commits of CommitAsync

    /// <summary>
    /// Applies a commit, entirely or not at all; completes when it has reached the requested durability.
    /// </summary>
    /// <param name="commit">The commit.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for the answer; a commit that was sent is applied nevertheless.
    /// </param>
    /// <exception cref="VersionMismatchException">A key does not have the expected version.</exception>
    /// <exception cref="InvalidCommitException">The commit exceeds a limit or is malformed.</exception>
    /// <exception cref="IdempotencyConflictException">Its idempotency key was used for other content.</exception>
    /// <exception cref="OutcomeUnknownException">
    /// The commit was sent before, and its key may have been forgotten since.
    /// </exception>
    /// <exception cref="AgentOverloadedException">
    /// The agent's queue or log is full, or <see cref="AetherWorldOptions.MaxUnansweredBytes"/> have no answer yet.
    /// </exception>
    /// <exception cref="AgentFencedException">Another agent has taken the world over.</exception>
    /// <exception cref="AgentUnavailableException">
    /// The agent did not answer, or was silent for <see cref="AetherWorldOptions.SilenceLimit"/>. A commit without an
    /// idempotency key is not sent again, and its outcome is unknown.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The world was disposed; the outcome is unknown, too.</exception>
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
    /// Opens a stream of commits that are applied in the order of the calls, without waiting for each other's answers.
    /// </summary>
    /// <param name="maxInFlight">
    /// How many commits may be without an answer; further commits wait in this process.
    /// </param>
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
