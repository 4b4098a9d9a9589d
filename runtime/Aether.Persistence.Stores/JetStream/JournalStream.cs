using System.Globalization;
using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
using Aether.Persistence.State;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>The messages of a journal's stream: where they end, where a commit is among them, and a new one.</summary>
internal sealed class JournalStream(NatsWorld world, string name)
{
    private const int MessageNotFound = 10037;

    // Bounds what a reader that is slower than the network holds.
    private const int MessagesAhead = 32;

    private static readonly JournalHead Empty = new(Sequence.None, Epoch.None, StateDigest.Empty);

    private static readonly NatsRawSerializer<ReadOnlyMemory<byte>> Raw =
        NatsRawSerializer<ReadOnlyMemory<byte>>.Default;

    private readonly string _subject = world.SubjectPrefix + "journal";

    // Two writers never use the same message id, even where a lease restored from a backup repeats an epoch.
    private readonly string _instance = Guid.NewGuid().ToString("N")[..16];

    public string Name => name;

    /// <summary>Where the messages end now.</summary>
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
    /// Where the journal ended with a message, who wrote the messages from that one back to the one that says so, and
    /// which of them is the last that is there.
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

        // Only claims: nothing was appended yet. A purge leaves a message with a head in front.
        return (kept, writers, Empty);
    }

    /// <summary>
    /// The last message up to <paramref name="end"/> with which the journal ended at or before
    /// <paramref name="sequence"/>; one before the first, if there is none.
    /// </summary>
    public async Task<ulong> FindAsync(
        Sequence sequence, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        // The journal's end never falls from one message to the next.
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
    /// The first message of the block that holds the commit after <paramref name="sequence"/>, which is in the journal.
    /// </summary>
    public async Task<ulong> FindBlockAfterAsync(
        Sequence sequence, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        var completes = await FindAsync(sequence, end, cancellationToken) + 1;
        var headers = await TryReadAsync(completes, cancellationToken);
        // Else it is the mark before which the journal was truncated.
        return headers is { IsLastPart: true } ? completes - (ulong)headers.Part : completes;
    }

    /// <summary>The messages from one to another, in order.</summary>
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
        await using var messages = consumer
            .ConsumeAsync(Raw, new NatsJSConsumeOpts { MaxMsgs = MessagesAhead }, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        for (var position = first; position <= last;)
        {
            var message = await NextAsync(messages, cancellationToken);
            position = message.Metadata?.Sequence.Stream
                ?? throw new InvalidOperationException($"A message of {name} came without its metadata.");
            yield return (Check(JournalHeaders.Read(message.Headers), position), message.Data);
            position++;
        }
    }

    /// <summary>
    /// Stores a message that claims the journal for <paramref name="writer"/>, wherever the stream ends: however busy a
    /// former writer is, its next message then expects another end.
    /// </summary>
    /// <returns>Its position, null if the server knew it already; and its message id.</returns>
    public async Task<(ulong? Position, string Id)> ClaimAsync(Epoch writer, CancellationToken cancellationToken)
    {
        var id = $"{writer}-claim-{Guid.NewGuid():N}";
        var options = new NatsJSPubOpts { MsgId = id, ExpectedStream = name };
        return (await PublishAsync(new JournalHeaders { Writer = writer }, default, options, cancellationToken), id);
    }

    /// <summary>Message id of what <paramref name="writer"/> sends to follow <paramref name="last"/>.</summary>
    public string IdAfter(Epoch writer, ulong last) =>
        string.Create(CultureInfo.InvariantCulture, $"{writer}-{_instance}-{last + 1}");

    /// <summary>
    /// Stores a message if <paramref name="fence"/> names the last one, and returns the position it got; else null.
    /// </summary>
    public Task<ulong?> TryPublishAsync(
        JournalHeaders headers, ReadOnlyMemory<byte> data, StreamFence fence, CancellationToken cancellationToken)
    {
        var options = new NatsJSPubOpts { MsgId = IdAfter(headers.Writer, fence.Sequence), ExpectedStream = name };
        return PublishAsync(headers, data, fence.Guard(options), cancellationToken);
    }

    /// <summary>Drops all messages before one.</summary>
    public Task PurgeBeforeAsync(ulong position, CancellationToken cancellationToken) => world.RunAsync(
        name,
        token => world.JetStream.PurgeStreamAsync(name, new StreamPurgeRequest { Seq = position }, token),
        cancellationToken);

    // Null where no message is: nats-server counts one that is too much for the account, and then takes it out again.
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

    // May be sent again: message id and expected end let it land once, and a duplicate has the end read again.
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
            // An earlier attempt of ours landed there after all, maybe with something else.
            { Error: null, Duplicate: true } => null,
            { Error: null } => answer.Seq,
            { Error.ErrCode: var code } when StreamFence.IsRefusal(code) => null,
            _ => throw NatsFailures.Translate(new NatsJSApiException(answer.Error), name),
        };
    }

    private Task<INatsJSMsg<ReadOnlyMemory<byte>>> NextAsync(
        IAsyncEnumerator<INatsJSMsg<ReadOnlyMemory<byte>>> messages, CancellationToken cancellationToken) =>
        world.RunAsync(
            name,
            async token => await messages.MoveNextAsync().AsTask().WaitAsync(token)
                ? messages.Current
                : throw new NatsException($"the messages of {name} ended too soon"),
            cancellationToken);

    private JournalHeaders Check(JournalHeaders? headers, ulong position) => headers ?? throw new RecoveryException(
        $"Message {position} of stream {name} is none that a journal writes: somebody else published there. "
        + "Restore the stream from a backup.");
}
