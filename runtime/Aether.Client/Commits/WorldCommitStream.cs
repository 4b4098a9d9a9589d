using System.Threading.Channels;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

/// <summary>
/// Pipelined commits: applied in the order handed over, each answered on its own. When the agent ends, the
/// commits without an answer are sent again in their order once it is back, if they carry an idempotency key; the
/// others end with <see cref="AgentUnavailableException"/>. Thread-safe. Disposing it waits for the answers. It holds
/// no more than <see cref="AetherWorldOptions.MaxUnansweredBytes"/>.
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
    /// Hands a commit over and completes when the durability it asks for is reached. It has its place in the stream
    /// before this returns, so calls made one after the other apply in that order, awaited or not. Refusals are the
    /// exceptions of <see cref="AetherWorld.CommitAsync"/>; a refused commit does not hold up those behind it.
    /// </summary>
    /// <param name="commit">The commit.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer, not the commit.</param>
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

    /// <summary>Hands a commit over; false if the stream has ended.</summary>
    internal bool TryAdd(PendingCommit pending) => _queue.Writer.TryWrite(pending);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _pump;
        _unanswered.Dispose();
    }

    // Runs one attempt after the other. Each is a new call that begins with the commits that the former left
    // unanswered.
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
