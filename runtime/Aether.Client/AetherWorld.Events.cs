using System.Runtime.CompilerServices;
using Aether.Persistence.Contracts;
using Aether.Persistence.V1;
using Google.Protobuf;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    /// <summary>
    /// Publishes an event; completes with its position when the event store has it. Events are delivered at least
    /// once: a publication that got no answer is made again and may then be stored twice.
    /// </summary>
    /// <param name="type">1 to 128 characters of [A-Za-z0-9_-], dots between parts: "trade.completed".</param>
    /// <param name="data">What happened.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ulong> PublishEventAsync(
        string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        var request = new PublishEventRequest { Type = type, Data = UnsafeByteOperations.UnsafeWrap(data) };
        var reply = await RepeatCallAsync(
            token => _agent.PublishEventAsync(request, cancellationToken: token), cancellationToken);
        return reply.EventSequence;
    }

    /// <summary>
    /// The stored events after <paramref name="afterEventSequence"/>, then live ones until cancelled. An agent that
    /// restarts does not end it: the subscription resumes after the last event it has yielded. It has no end of its
    /// own.
    /// </summary>
    /// <exception cref="InvalidCommitException">
    /// The filter is none; or there are no events as far as <paramref name="afterEventSequence"/> any more, since they
    /// were recreated: its limit is their last one. Read the state again, and subscribe after 0 or after the last.
    /// </exception>
    /// <exception cref="AgentUnavailableException">Nobody answered until the retries were used up.</exception>
    /// <exception cref="ObjectDisposedException">The world was disposed.</exception>
    /// <param name="typeFilter">Only this type; "trade.*" takes every type below; empty takes all.</param>
    /// <param name="afterEventSequence">0 starts with the oldest kept.</param>
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
                    // However quiet it then is, a later outage is a new one.
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
