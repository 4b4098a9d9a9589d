using System.Globalization;
using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
using Aether.Persistence.State;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// Reads and writes the messages of a journal's stream: finds their end and the message of a commit, and publishes.
/// </summary>
internal sealed class JournalStream(NatsWorld world, string name)
{
    private const int MessageNotFound = 10037;

    // Limits the memory of a reader that is slower than the network.
    private const int MessagesAhead = 32;

    private static readonly JournalHead Empty = new(Sequence.None, Epoch.None, StateDigest.Empty);

    private static readonly NatsRawSerializer<ReadOnlyMemory<byte>> Raw =
        NatsRawSerializer<ReadOnlyMemory<byte>>.Default;

    private readonly string _subject = world.SubjectPrefix + "journal";

    // Makes message ids unique per writer, even if a lease restored from a backup repeats an epoch.
    private readonly string _instance = Guid.NewGuid().ToString("N")[..16];

    public string Name => name;

    /// <summary>The present end of the messages.</summary>
    public async Task<JournalStreamEnd> ReadEndAsync(CancellationToken cancellationToken)
    {
        var state = (await world.RepeatAsync(
            name, token => world.JetStream.GetStreamAsync(name, cancellationToken: token), cancellationToken))
            .Info.State;
        var last = checked((ulong)state.LastSeq);
        var first = checked((ulong)state.FirstSeq);
        if (last == 0)
            return new JournalStreamEnd(1, 0, 0, Epoch.None, Undisputed: true, Empty);
        var (kept, writers, head) = await ReadHeadAsync(last, first, cancellationToken);
        var writer = writers.FirstOrDefault();
        return new JournalStreamEnd(first, last, kept, writer, writers.TrueForAll(other => other == writer), head);
    }

    /// <summary>
    /// Reads backwards to the last message that states the journal's end: returns the last message that exists, the
    /// writers of the messages read, and that end.
    /// </summary>
    public async Task<(ulong Kept, List<Epoch> Writers, JournalHead Head)> ReadHeadAsync(
        ulong position, ulong first, CancellationToken cancellationToken)
    {
        var kept = first - 1;
        var writers = new List<Epoch>();
        for (; position >= first; position--)
        {
            if (await TryReadAsync(position, cancellationToken) is not { } headers)
                continue;
            kept = Math.Max(kept, position);
            writers.Add(headers.Writer);
            if (headers.Head is { } head)
                return (kept, writers, head);
        }

        // Only claims: nothing was appended yet. A purge leaves a message with a head at the front.
        return (kept, writers, Empty);
    }

    /// <summary>
    /// The last message up to <paramref name="end"/> after which the journal ended at or before
    /// <paramref name="sequence"/>; if there is none, the position before the first message.
    /// </summary>
    public async Task<ulong> FindAsync(
        Sequence sequence, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        // The journal's end never decreases from one message to the next.
        var (before, after) = (end.First - 1, end.Last + 1);
        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            if ((await ReadHeadAsync(middle, end.First, cancellationToken)).Head.Last <= sequence)
                before = middle;
            else
                after = middle;
        }

        return before;
    }

    /// <summary>
    /// The first message of the block that holds the commit after <paramref name="sequence"/>, which must be in the
    /// journal.
    /// </summary>
    public async Task<ulong> FindBlockAfterAsync(
        Sequence sequence, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        var completes = await FindAsync(sequence, end, cancellationToken) + 1;
        var headers = await TryReadAsync(completes, cancellationToken);
        // Otherwise the message is the mark of a truncation.
        return headers is { IsLastPart: true } ? completes - (ulong)headers.Part : completes;
    }

    /// <summary>The messages from a first to a last, in order.</summary>
    public async IAsyncEnumerable<(JournalHeaders Headers, ReadOnlyMemory<byte> Data)> ReadAsync(
        ulong first, ulong last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new NatsJSOrderedConsumerOpts
        {
            DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
            OptStartSeq = first,
        };
        var consumer = await world.RunAsync(
            name, token => world.JetStream.CreateOrderedConsumerAsync(name, options, token), cancellationToken);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var messages = consumer
            .ConsumeAsync(Raw, new NatsJSConsumeOpts { MaxMsgs = MessagesAhead }, over.Token)
            .GetAsyncEnumerator(over.Token);
        for (var position = first; position <= last;)
        {
            var message = await NextAsync(messages, over, cancellationToken);
            position = message.Metadata?.Sequence.Stream
                ?? throw new InvalidOperationException($"A message of {name} came without its metadata.");
            yield return (Check(JournalHeaders.Read(message.Headers), position), message.Data);
            position++;
        }
    }

    /// <summary>
    /// Stores a message that claims the journal for <paramref name="writer"/>, wherever the stream ends: however fast a
    /// former writer is, its next message then meets an unexpected end.
    /// </summary>
    /// <returns>Its position, or null if the server had stored it already; and its message id.</returns>
    public async Task<(ulong? Position, string Id)> ClaimAsync(Epoch writer, CancellationToken cancellationToken)
    {
        var id = $"{writer}-claim-{Guid.NewGuid():N}";
        var options = new NatsJSPubOpts { MsgId = id, ExpectedStream = name };
        return (await PublishAsync(new JournalHeaders { Writer = writer }, default, options, cancellationToken), id);
    }

    /// <summary>Id of the message that <paramref name="writer"/> sends after <paramref name="last"/>.</summary>
    public string IdAfter(Epoch writer, ulong last) =>
        string.Create(CultureInfo.InvariantCulture, $"{writer}-{_instance}-{last + 1}");

    /// <summary>
    /// Stores a message if <paramref name="fence"/> names the stream's last message, and returns its position; else
    /// null.
    /// </summary>
    public Task<ulong?> TryPublishAsync(
        JournalHeaders headers, ReadOnlyMemory<byte> data, StreamFence fence, CancellationToken cancellationToken)
    {
        var options = new NatsJSPubOpts { MsgId = IdAfter(headers.Writer, fence.Sequence), ExpectedStream = name };
        return PublishAsync(headers, data, fence.Guard(options), cancellationToken);
    }

    /// <summary>Drops all messages before a position.</summary>
    public Task PurgeBeforeAsync(ulong position, CancellationToken cancellationToken) => world.RunAsync(
        name,
        token => world.JetStream.PurgeStreamAsync(name, new StreamPurgeRequest { Seq = position }, token),
        cancellationToken);

    // Null if there is no message: nats-server counts a message that is too much for the account, and then removes it.
    private Task<JournalHeaders?> TryReadAsync(ulong position, CancellationToken cancellationToken) =>
        world.RepeatAsync(
            name,
            async token =>
            {
                var stream = await world.JetStream.GetStreamAsync(name, cancellationToken: token);
                try
                {
                    var stored = await stream.GetAsync(new StreamMsgGetRequest { Seq = position }, token);
                    return Check(JournalHeaders.Read(StoredHeaders.Read(stored.Message.Hdrs)), position);
                }
                catch (NatsJSApiException exception) when (exception.Error.ErrCode == MessageNotFound)
                {
                    return null;
                }
            },
            cancellationToken);

    // May be sent again: message id and expected end allow it to be stored only once, and after a duplicate the caller
    // reads the end again.
    private async Task<ulong?> PublishAsync(
        JournalHeaders headers,
        ReadOnlyMemory<byte> data,
        NatsJSPubOpts options,
        CancellationToken cancellationToken)
    {
        var answer = await world.RepeatAsync(
            name,
            token => world.JetStream.PublishAsync(_subject, data, Raw, options, headers.Write(), token),
            cancellationToken);
        return answer switch
        {
            // An earlier attempt was stored after all, perhaps followed by other messages.
            { Error: null, Duplicate: true } => null,
            { Error: null } => answer.Seq,
            { Error.ErrCode: var code } when StreamFence.IsRefusal(code) => null,
            _ => throw NatsFailures.Translate(new NatsJSApiException(answer.Error), name),
        };
    }

    private Task<INatsJSMsg<ReadOnlyMemory<byte>>> NextAsync(
        IAsyncEnumerator<INatsJSMsg<ReadOnlyMemory<byte>>> messages,
        CancellationTokenSource over,
        CancellationToken cancellationToken) =>
        world.RunAsync(
            name,
            async token =>
            {
                var next = messages.MoveNextAsync().AsTask();
                try
                {
                    return await next.WaitAsync(token)
                        ? messages.Current
                        : throw new NatsException($"the messages of {name} ended too soon");
                }
                catch
                {
                    // An enumerator must not be disposed of while it waits for its next message: it would throw, and
                    // the outage would look like a defect.
                    await over.CancelAsync();
                    await Task.WhenAny(next);
                    throw;
                }
            },
            cancellationToken);

    private JournalHeaders Check(JournalHeaders? headers, ulong position) => headers ?? throw new RecoveryException(
        $"Message {position} of stream {name} was not written by a journal: another client published it. "
        + "Restore the stream from a backup.");
}
