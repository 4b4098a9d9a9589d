using System.Runtime.CompilerServices;
using Aether.Persistence.Events;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>A subscription to the events of a world after a position, which the stream must have reached.</summary>
internal sealed class EventSubscription(NatsWorld world, EventSubjects subjects, string filter, ulong after)
{
    // How long a subscription whose consumer was recreated may wait on a stream that was recreated, too.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private INatsJSConsumer _consumer = null!;
    private ulong _after = after;
    private string _checkedConsumer = "";

    /// <summary>Opens the subscription.</summary>
    /// <exception cref="UnknownEventPositionException">The stream ends before the position.</exception>
    public async Task<IAsyncEnumerable<WorldEvent>> OpenAsync(CancellationToken cancellationToken)
    {
        // A consumer alone would wait for a missing stream, and would wait at the end of a recreated stream.
        await CheckPositionAsync(cancellationToken);
        var options = new NatsJSOrderedConsumerOpts
        {
            FilterSubjects = [filter],
            DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
            OptStartSeq = _after + 1,
        };
        _consumer = await world.RunAsync(
            token => world.JetStream.CreateOrderedConsumerAsync(world.Stream, options, token), cancellationToken);
        return ReadAsync(cancellationToken);
    }

    private async IAsyncEnumerable<WorldEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var messages = _consumer
            .ConsumeAsync<ReadOnlyMemory<byte>>(
                NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: over.Token)
            .GetAsyncEnumerator(over.Token);
        while (await MoveNextAsync(messages, over))
        {
            // The client continues with a recreated stream without a word.
            var position = MetadataOf(messages.Current).Sequence.Stream;
            if (position <= _after)
                throw new UnknownEventPositionException(_after, position);
            _after = position;

            // A server before 2.10 supports only one filter, so it sends everything.
            if (EventSubjects.Matches(filter, messages.Current.Subject))
                yield return ToEvent(messages.Current);
        }

        // The client treats a cancellation like any other end.
        cancellationToken.ThrowIfCancellationRequested();
        throw new StoreUnavailableException(
            NatsFailures.Store, $"the subscription to {world.Stream} has ended; subscribe again after the last event.");
    }

    // nats-server 2.15 delivers nothing to a consumer that starts beyond the stream's end, where older versions begin
    // at the end: only the stream's own position shows that it was recreated.
    private async Task<bool> MoveNextAsync<T>(IAsyncEnumerator<T> messages, CancellationTokenSource over)
    {
        try
        {
            var next = messages.MoveNextAsync().AsTask();
            try
            {
                while (!next.IsCompleted)
                {
                    using var tick = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                    await Task.WhenAny(next, Task.Delay(CheckInterval, world.Clock, tick.Token));
                    await tick.CancelAsync();
                    if (!next.IsCompleted && !over.IsCancellationRequested)
                        await CheckConsumerAsync(over.Token);
                }
            }
            catch
            {
                // An enumerator must not be disposed of while it waits for its next message.
                await over.CancelAsync();
                await Task.WhenAny(next);
                throw;
            }

            return await next;
        }
        catch (Exception exception) when (NatsFailures.IsOutage(exception))
        {
            throw NatsFailures.Translate(exception, world.Stream);
        }
    }

    // The client recreates its consumer when the stream, the server or the connection is lost.
    private async Task CheckConsumerAsync(CancellationToken cancellationToken)
    {
        var consumer = _consumer.Info.Name;
        if (consumer == _checkedConsumer)
            return;
        try
        {
            await CheckPositionAsync(cancellationToken);
            _checkedConsumer = consumer;
        }
        catch (StoreUnavailableException)
        {
            // The subscription outlives an outage; the next check sees the result.
        }
    }

    private async Task CheckPositionAsync(CancellationToken cancellationToken)
    {
        var stream = await world.RunAsync(
            token => world.JetStream.GetStreamAsync(world.Stream, cancellationToken: token), cancellationToken);
        var last = checked((ulong)stream.Info.State.LastSeq);
        if (_after > last)
            throw new UnknownEventPositionException(_after, last);
    }

    private WorldEvent ToEvent(INatsJSMsg<ReadOnlyMemory<byte>> message)
    {
        var metadata = MetadataOf(message);
        return new WorldEvent(
            metadata.Sequence.Stream, subjects.TypeOf(message.Subject), message.Data, metadata.Timestamp);
    }

    private NatsJSMsgMetadata MetadataOf(INatsJSMsg<ReadOnlyMemory<byte>> message) => message.Metadata
        ?? throw new InvalidOperationException($"A message of {world.Stream} came without its metadata.");
}
