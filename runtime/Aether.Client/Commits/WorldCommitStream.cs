using System.Threading.Channels;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

/// <summary>
/// Pipelined commits: applied in the order of the calls, each answered separately. If the agent ends, commits with an
/// idempotency key that have no answer are sent again in their order once it is available; the others end with
/// <see cref="AgentUnavailableException"/>. Thread-safe. Disposing the stream waits for the answers. It holds at most
/// <see cref="AetherWorldOptions.MaxUnansweredBytes"/>.
/// </summary>
public sealed class WorldCommitStream : IAsyncDisposable
{
    private readonly World.WorldClient _agent;
    private readonly AetherWorldOptions _options;
    private readonly LogPlaceTracker _seen;
    private readonly CancellationToken _disposal;
    private readonly Channel<PendingCommit> _queue = Channel.CreateUnbounded<PendingCommit>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly UnansweredCommits _unanswered;
    private readonly CommitRoom _room;
    private readonly Task _pump;
    private Exception? _end;

    internal WorldCommitStream(
        World.WorldClient agent, AetherWorldOptions options, LogPlaceTracker seen, int maxInFlight,
        CancellationToken disposal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInFlight, 1);
        _agent = agent;
        _options = options;
        _seen = seen;
        _disposal = disposal;
        _unanswered = new UnansweredCommits(maxInFlight);
        _room = new CommitRoom(options.MaxUnansweredBytes);
        _pump = Task.Run(PumpAsync, CancellationToken.None);
    }

    /// <summary>
    /// Sends a commit and completes when it has reached its durability. The commit has its place in the stream before
    /// this method returns, so successive calls apply in that order, awaited or not. Refusals are the exceptions of
    /// <see cref="AetherWorld.CommitAsync"/>; a refused commit does not delay the commits after it.
    /// </summary>
    /// <param name="commit">The commit.</param>
    /// <param name="cancellationToken">Ends the wait for the answer, not the commit.</param>
    public Task<WorldCommitted> CommitAsync(WorldCommit commit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (!_room.TryReserve(commit, out var room, out var refusal))
            return Task.FromException<WorldCommitted>(refusal);
        var pending = new PendingCommit(commit, _seen, room);
        if (TryAdd(pending))
            return pending.Answer.WaitAsync(cancellationToken);

        room.Release();
        return Task.FromException<WorldCommitted>(
            _end is ObjectDisposedException ? Refusal.Disposed()
            : new WorldException("The commit stream has ended.", _end));
    }

    /// <summary>Adds a commit to the queue; returns false if the stream has ended.</summary>
    internal bool TryAdd(PendingCommit pending) => _queue.Writer.TryWrite(pending);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _pump;
        _unanswered.Dispose();
    }

    // Runs one attempt after the other. Each is a new call that starts with the commits that have no answer yet.
    private async Task PumpAsync()
    {
        RetryBudget? budget = null;
        try
        {
            while (true)
            {
                var attempt = new CommitStreamAttempt(_agent, _seen, _queue.Reader, _unanswered);
                if (await attempt.RunAsync() is not { } outage)
                    return;

                if (_disposal.IsCancellationRequested)
                    throw Refusal.Disposed();
                if (attempt.WasAnswered)
                    budget = null;
                _unanswered.FailUnrepeatable(Refusal.Unavailable(outage));
                budget ??= _options.Retry.Start(_options.Clock, _disposal);
                if (!await budget.WaitAsync(CancellationToken.None))
                    throw Refusal.Unavailable(outage);
            }
        }
        catch (Exception e)
        {
            End(Refusal.GivenUp(e, CancellationToken.None, _disposal)
                ?? (e is RpcException rpc ? Refusal.From(rpc) : e));
        }
    }

    private void End(Exception cause)
    {
        _end = cause;
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out var queued))
            queued.Fail(cause);
        _unanswered.FailAll(cause);
    }
}
