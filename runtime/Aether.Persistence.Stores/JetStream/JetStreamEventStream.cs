using System.Runtime.CompilerServices;
using Aether.Persistence.Events;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The world's events in a JetStream stream that the operator has made. Every message carries its writer's epoch and
/// is stored only where the writer believes the stream to end. A new writer leaves a mark of its own, so the next
/// message of a former one meets another end than it expects and is refused. Who meets an end that is not its own asks
/// the lease: what stands there says nothing of who may write, since nats-server cannot keep another world's user from
/// having something delivered there, and a lease restored from a backup counts its epochs anew.
/// </summary>
/// <remarks>
/// If the stream is dropped and made anew while a former writer still runs, an event of that writer lands if the new
/// stream happens to end where the old one did; the lease ends it soon after.
/// </remarks>
public sealed partial class JetStreamEventStream(
    NatsWorld world, IWorldLease lease, ILogger<JetStreamEventStream> logger) : IEventStream, IDisposable
{
    private const int WrongLastSequence = 10071;
    private const int Attempts = 5;

    private readonly EventSubjects _subjects = new(world.SubjectPrefix);

    // Held while a message is under way; guards the two fields below.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Epoch _epoch;
    private ulong _last;

    /// <inheritdoc />
    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            _epoch = epoch;
            await AnnounceAsync(cancellationToken);
            return epoch;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<ulong> PublishAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var subject = _subjects.Of(type);
        return InTurnAsync(() => PublishInTurnAsync(subject, data, cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken)
    {
        var filter = _subjects.Filter(typeFilter);
        var options = new NatsJSOrderedConsumerOpts
        {
            FilterSubjects = [filter],
            DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
            OptStartSeq = afterEventSequence + 1,
        };
        // The consumer alone would wait for a stream that is missing, and begin at the end of one that was made anew,
        // without a word.
        var stream = await world.RunAsync(
            token => world.JetStream.GetStreamAsync(world.Stream, cancellationToken: token), cancellationToken);
        var last = checked((ulong)stream.Info.State.LastSeq);
        if (afterEventSequence > last)
            throw new UnknownEventPositionException(afterEventSequence, last);
        var consumer = await world.RunAsync(
            token => world.JetStream.CreateOrderedConsumerAsync(world.Stream, options, token), cancellationToken);
        return ReadAsync(consumer, filter, afterEventSequence, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async IAsyncEnumerable<WorldEvent> ReadAsync(
        INatsJSConsumer consumer, string filter, ulong afterEventSequence,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = afterEventSequence;
        await using var messages = consumer.ConsumeAsync<ReadOnlyMemory<byte>>(
            NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(messages))
        {
            // The client follows a stream that is made anew on its own.
            var position = MetadataOf(messages.Current).Sequence.Stream;
            if (position <= after)
                throw new UnknownEventPositionException(after, position);
            after = position;

            // A server before 2.10 knows no lists of filters and sends everything.
            if (EventSubjects.Matches(filter, messages.Current.Subject))
                yield return ToEvent(messages.Current);
        }

        // The client takes a cancellation for an end like any other.
        cancellationToken.ThrowIfCancellationRequested();
        throw new StoreUnavailableException(
            NatsFailures.Store, $"the subscription to {world.Stream} has ended; subscribe again after the last event.");
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    // A mark has no message id: whether one of unknown outcome landed shows in the stream's end.
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await ReadEndAsync(cancellationToken);
            if (end.Epoch == _epoch)
            {
                _last = end.Last;
                return;
            }

            if (await TryPublishAsync(_subjects.Epoch, default, null, end.Last, cancellationToken) is { } sequence)
            {
                _last = sequence;
                LogOpened(world.Stream, _epoch, sequence);
                return;
            }
        }

        throw new StoreUnavailableException(
            NatsFailures.Store, $"the end of stream {world.Stream} kept moving while epoch {_epoch} opened it.");
    }

    private async Task<ulong> PublishInTurnAsync(
        string subject, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (_epoch == Epoch.None)
            throw new InvalidOperationException("The event stream must be opened before an event is published.");

        // One id for all attempts: a message of unknown outcome that did land is not stored twice.
        var messageId = Guid.NewGuid().ToString("N");
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                if (await TryPublishAsync(subject, data, messageId, _last, cancellationToken) is { } sequence)
                {
                    _last = Math.Max(_last, sequence);
                    return sequence;
                }
            }
            catch (StoreUnavailableException exception) when (attempt == 1 && IsOutcomeUnknown(exception))
            {
                continue;
            }

            await FindEndAsync(cancellationToken);
        }

        throw new StoreUnavailableException(
            NatsFailures.Store, $"the end of stream {world.Stream} kept moving; the event was not stored.");
    }

    // Another end than expected: our own message of unknown outcome, somebody else's, or a stream made anew.
    private async Task FindEndAsync(CancellationToken cancellationToken)
    {
        var end = await ReadEndAsync(cancellationToken);
        if (end.Epoch == _epoch)
        {
            _last = end.Last;
            return;
        }

        LogOpeningAgain(world.Stream, end.Last, _last);
        await AnnounceAsync(cancellationToken);
    }

    // The lease is asked after the end was read: if nobody has opened the world since this writer, no later one wrote
    // up to that end; and whoever opens it from now on moves the end, so that a message that expects it is refused.
    private async Task<StreamEnd> ReadEndAsync(CancellationToken cancellationToken)
    {
        var end = await world.RunAsync(token => StreamEnd.ReadAsync(world, token), cancellationToken);
        if (end.Epoch != _epoch)
            await lease.ConfirmAsync(_epoch, cancellationToken);
        return end;
    }

    private async Task<ulong?> TryPublishAsync(
        string subject,
        ReadOnlyMemory<byte> data,
        string? messageId,
        ulong expectedLast,
        CancellationToken cancellationToken)
    {
        var headers = new NatsHeaders { [StreamEnd.EpochHeader] = _epoch.ToString() };
        var options = new NatsJSPubOpts
        {
            MsgId = messageId,
            ExpectedStream = world.Stream,
            ExpectedLastSequence = expectedLast,
        };
        var answer = await world.RunAsync(
            token => world.JetStream.PublishAsync(
                subject, data, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, options, headers, token),
            cancellationToken);
        return answer.Error switch
        {
            null => answer.Seq,
            { ErrCode: WrongLastSequence } => null,
            var error => throw NatsFailures.Translate(new NatsJSApiException(error), world.Stream),
        };
    }

    private static bool IsOutcomeUnknown(StoreUnavailableException exception) =>
        exception.InnerException is OperationCanceledException or NatsNoReplyException or NatsTimeoutException;

    private async Task<bool> MoveNextAsync<T>(IAsyncEnumerator<T> messages)
    {
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (Exception exception) when (NatsFailures.IsOutage(exception))
        {
            throw NatsFailures.Translate(exception, world.Stream);
        }
    }

    private WorldEvent ToEvent(INatsJSMsg<ReadOnlyMemory<byte>> message)
    {
        var metadata = MetadataOf(message);
        return new WorldEvent(
            metadata.Sequence.Stream, _subjects.TypeOf(message.Subject), message.Data, metadata.Timestamp);
    }

    private NatsJSMsgMetadata MetadataOf(INatsJSMsg<ReadOnlyMemory<byte>> message) => message.Metadata
        ?? throw new InvalidOperationException($"A message of {world.Stream} came without its metadata.");

    [LoggerMessage(3301, LogLevel.Information, "Opened {Stream} under epoch {Epoch} at {Sequence}")]
    private partial void LogOpened(string stream, Epoch epoch, ulong sequence);

    [LoggerMessage(
        3302, LogLevel.Warning, "{Stream} ends at {Last}, not {Expected}, and not by this writer; opening it again")]
    private partial void LogOpeningAgain(string stream, ulong last, ulong expected);
}
