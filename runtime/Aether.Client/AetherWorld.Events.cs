using System.Runtime.CompilerServices;
using Aether.Persistence.Contracts;
using Aether.Persistence.V1;
using Google.Protobuf;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    /// <summary>
    /// Publishes an event; completes with its position when it is stored. Events are delivered at least once: a
    /// publication without an answer is repeated, and may then be stored twice.
    /// </summary>
    /// <param name="type">1 to 128 characters of [A-Za-z0-9_-], dots between parts: "trade.completed".</param>
    /// <param name="data">Content of the event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ulong> PublishEventAsync(
        string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        var request = new PublishEventRequest { Type = type, Data = UnsafeByteOperations.UnsafeWrap(data) };
        var reply = await RepeatCallAsync(
            token => _agent.PublishEventAsync(request, cancellationToken: token), cancellationToken);
        return reply.EventSequence;
    }

    /// <summary>
    /// Yields the stored events after <paramref name="afterEventSequence"/>, then live ones until cancelled. A restart
    /// of the agent does not end the subscription: it resumes after the last event that it has yielded. It has no end
    /// of its own.
    /// </summary>
    /// <exception cref="InvalidCommitException">
    /// The filter is invalid; or the stream was recreated and now ends before <paramref name="afterEventSequence"/>:
    /// the exception's limit is the stream's last event. Read the state again, and subscribe after 0 or after that
    /// event.
    /// </exception>
    /// <exception cref="AgentUnavailableException">The agent did not answer until the retries were used up.</exception>
    /// <exception cref="ObjectDisposedException">The world was disposed.</exception>
    /// <param name="typeFilter">Only this type; "trade.*" selects every type below; empty selects all.</param>
    /// <param name="afterEventSequence">0 starts with the oldest kept event.</param>
    /// <param name="cancellationToken">Ends the subscription.</param>
    public async IAsyncEnumerable<WorldEvent> SubscribeEventsAsync(
        string typeFilter = "", ulong afterEventSequence = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RetryBudget? budget = null;
        while (true)
        {
            var request = new SubscribeEventsRequest { TypeFilter = typeFilter, AfterSequence = afterEventSequence };
            using var call = Begin(
                () => _agent.SubscribeEvents(request, cancellationToken: cancellationToken), cancellationToken);
            while (true)
            {
                try
                {
                    // The subscription is established: a later outage is a new one, even if no event arrives until
                    // then.
                    var headers = await AnsweredAsync(() => call.ResponseHeadersAsync, cancellationToken);
                    if (headers.GetValue(AetherHeaders.Subscribed) is not null)
                        budget = null;
                    if (!await MoveNextAsync(call.ResponseStream, cancellationToken))
                        throw new AgentUnavailableException("The agent has ended the subscription.", null);
                }
                catch (AgentUnavailableException)
                {
                    budget ??= _options.Retry.Start(_options.Clock, _disposal.Token);
                    if (!await budget.WaitAsync(cancellationToken))
                        throw;
                    break;
                }

                budget = null;
                var received = Wire.ToEvent(call.ResponseStream.Current);
                afterEventSequence = received.EventSequence;
                yield return received;
            }
        }
    }
}
