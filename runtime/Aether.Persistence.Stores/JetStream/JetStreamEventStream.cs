using Aether.Persistence.Events;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The world's events in a JetStream stream that the operator has created. Every message carries its writer's epoch,
/// and is stored only if the stream ends where the writer expects. A new writer leaves its own mark, so the next
/// message of a former writer meets an unexpected end and is refused. A writer that meets an unexpected end asks the
/// lease, because the stream itself does not prove who may write: nats-server cannot keep another world's user from
/// having a message delivered there, and a lease restored from a backup hands out its epochs again.
/// </summary>
/// <remarks>
/// If the stream is recreated while a former writer still runs, an event of that writer is stored if the new stream
/// happens to end where the old one did. The lease ends that writer soon after.
/// </remarks>
public sealed partial class JetStreamEventStream(
    NatsWorld world, IWorldLease lease, ILogger<JetStreamEventStream> logger) : IEventStream, IDisposable
{
    private const int Attempts = 5;

    private readonly EventSubjects _subjects = new(world.SubjectPrefix);

    // Held by the caller that is publishing a message. Guards the fields below.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Epoch _epoch;
    private StreamFence _fence;
    private ulong? _refused; // the server last refused a message that was to follow this one

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
    public Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string typeFilter, ulong afterEventSequence, CancellationToken cancellationToken) =>
        new EventSubscription(world, _subjects, _subjects.Filter(typeFilter), afterEventSequence)
            .OpenAsync(cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

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

    // If the outcome of a mark is unknown, the end of the stream shows whether the mark was stored.
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        (ulong Position, string Id)? own = null; // a mark that was stored without an expected end
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await ReadEndAsync(own is not null, cancellationToken);
            if (end.Last == _refused)
            {
                LogLostCount(world.Stream, end.Last);
                own = await MarkAnywhereAsync(cancellationToken);
                _refused = null;
                continue;
            }

            if (end.Epoch == _epoch)
            {
                _fence = new StreamFence(end.Last, end.Last == own?.Position ? own?.Id : null);
                return;
            }

            _fence = new StreamFence(end.Last, null);
            if (await TryPublishAsync(_subjects.Epoch, default, NewId(), cancellationToken) is { } sequence)
            {
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

        // All attempts use one message id: if an attempt with an unknown outcome was stored, the server drops its
        // repetition.
        var messageId = NewId();
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                if (await TryPublishAsync(subject, data, messageId, cancellationToken) is { } sequence)
                    return sequence;
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

    // The stream does not end where this writer expects. The causes can be: an own message with an unknown outcome, a
    // message of another client, a recreated stream, or a server whose count is wrong.
    private async Task FindEndAsync(CancellationToken cancellationToken)
    {
        var expected = _fence.Sequence;
        await AnnounceAsync(cancellationToken);
        if (_fence.Sequence != expected)
            LogOpeningAgain(world.Stream, _fence.Sequence, expected);
    }

    // Read the end first, then confirm the lease. If the lease is confirmed, no later writer wrote up to that end. A
    // writer that opens the world from now on moves the end, so a message that expects the old end is refused.
    private async Task<StreamEnd> ReadEndAsync(bool mustConfirm, CancellationToken cancellationToken)
    {
        var end = await world.RunAsync(token => StreamEnd.ReadAsync(world, token), cancellationToken);
        if (mustConfirm || end.Epoch != _epoch)
            await lease.ConfirmAsync(_epoch, cancellationToken);
        return end;
    }

    // A mark without an expected position is stored after whatever another writer left. The end is read again and the
    // lease confirmed after that: from then on, a successor's mark is the last message (ADR 0031).
    private async Task<(ulong Position, string Id)> MarkAnywhereAsync(CancellationToken cancellationToken)
    {
        var id = NewId();
        var options = new NatsJSPubOpts { MsgId = id, ExpectedStream = world.Stream };
        var answer = await SendAsync(_subjects.Epoch, default, options, cancellationToken);
        return answer.Error is null ? (answer.Seq, id) : throw Refused(answer.Error);
    }

    private async Task<ulong?> TryPublishAsync(
        string subject, ReadOnlyMemory<byte> data, string messageId, CancellationToken cancellationToken)
    {
        var fence = _fence;
        var options = fence.Guard(new NatsJSPubOpts { MsgId = messageId, ExpectedStream = world.Stream });
        var answer = await SendAsync(subject, data, options, cancellationToken);
        if (answer.Error is null)
        {
            if (answer.Seq > fence.Sequence)
                _fence = fence.Next(answer.Seq, messageId);
            return answer.Seq;
        }

        if (!StreamFence.IsRefusal(answer.Error.ErrCode))
        {
            var refusal = Refused(answer.Error);
            if (StreamFence.IsFull(refusal.InnerException!))
                _fence = fence.AfterRefusal(messageId);
            throw refusal;
        }

        _refused = fence.MessageId is null ? fence.Sequence : null;
        return null;
    }

    private async Task<PubAckResponse> SendAsync(
        string subject, ReadOnlyMemory<byte> data, NatsJSPubOpts options, CancellationToken cancellationToken)
    {
        try
        {
            return await world.RunAsync(
                token => world.JetStream.PublishAsync(
                    subject, data, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, options,
                    new NatsHeaders { [StreamEnd.EpochHeader] = _epoch.ToString() }, token),
                cancellationToken);
        }
        catch (NatsPayloadTooLargeException exception)
        {
            throw new EventTooLargeException(
                data.Length, world.MaxPayload ?? 0, "max_payload of the world's nats-server", exception);
        }
    }

    private StoreUnavailableException Refused(ApiError error) =>
        NatsFailures.Translate(new NatsJSApiException(error), world.Stream);

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static bool IsOutcomeUnknown(StoreUnavailableException exception) =>
        exception.InnerException is OperationCanceledException or NatsNoReplyException or NatsTimeoutException;

    [LoggerMessage(3301, LogLevel.Information, "Opened {Stream} under epoch {Epoch} at {Sequence}")]
    private partial void LogOpened(string stream, Epoch epoch, ulong sequence);

    [LoggerMessage(
        3302, LogLevel.Warning, "{Stream} ends at {Last}, although the last event of this writer was {Expected}")]
    private partial void LogOpeningAgain(string stream, ulong last, ulong expected);

    [LoggerMessage(
        3303,
        LogLevel.Warning,
        "nats-server refuses the message after {Position} of {Stream}, although the stream ends there. Its count of "
        + "the stream is wrong, which happens in 2.10 after the account was full. The agent fences messages by their "
        + "ids now. Upgrade nats-server or restart it")]
    private partial void LogLostCount(string stream, ulong position);
}
