using System.Globalization;
using Aether.Persistence.Journal;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using NATS.Client.Core;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The headers of a message in the journal's stream (docs/formats/journal.md). A message is one of three: a part of a
/// block; a claim, by which a writer opens the journal; or a mark, which states the journal's end before a truncation.
/// </summary>
internal sealed record JournalHeaders
{
    private const string WriterHeader = "Aether-Epoch";
    private const string HeadHeader = "Aether-Head";
    private const string BlockHeader = "Aether-Block";
    private const string PartHeader = "Aether-Part";

    /// <summary>Epoch of the message's writer.</summary>
    public required Epoch Writer { get; init; }

    /// <summary>
    /// The journal's end after this message; only the last part of a block moves it. Null for a claim, because its
    /// writer cannot know the end.
    /// </summary>
    public JournalHead? Head { get; init; }

    /// <summary>The block without its bytes; null for a claim or a mark.</summary>
    public LogBlock? Block { get; init; }

    /// <summary>Number of the part, from 0.</summary>
    public int Part { get; init; }

    /// <summary>Number of parts.</summary>
    public int Parts { get; init; }

    /// <summary>Whether this part completes the block.</summary>
    public bool IsLastPart => Block is not null && Part == Parts - 1;

    public NatsHeaders Write()
    {
        var headers = new NatsHeaders { [WriterHeader] = Writer.ToString() };
        if (Head is { } head)
            headers[HeadHeader] = Text(head.Last, head.Epoch, head.Digest);
        if (Block is { } block)
        {
            var micros = (block.WrittenAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            headers[BlockHeader] =
                string.Create(CultureInfo.InvariantCulture, $"{block.First} {micros} ")
                + Text(block.Last, block.Epoch, block.Digest);
            headers[PartHeader] = string.Create(CultureInfo.InvariantCulture, $"{Part} {Parts}");
        }

        return headers;
    }

    /// <summary>Reads the headers of a message; null if no journal writes such a message.</summary>
    public static JournalHeaders? Read(NatsHeaders? headers)
    {
        if (headers is null
            || !ulong.TryParse(Value(headers, WriterHeader), CultureInfo.InvariantCulture, out var writer))
            return null;
        var claim = new JournalHeaders { Writer = new Epoch(writer) };
        if (!headers.ContainsKey(HeadHeader))
            return claim;
        if (ReadHead(Value(headers, HeadHeader).Split(' ')) is not { } head)
            return null;

        var mark = claim with { Head = head };
        return headers.ContainsKey(BlockHeader) ? ReadPart(mark, headers) : mark;
    }

    private static JournalHeaders? ReadPart(JournalHeaders mark, NatsHeaders headers)
    {
        var block = Value(headers, BlockHeader).Split(' ');
        var part = Value(headers, PartHeader).Split(' ');
        if (block.Length != 5
            || part.Length != 2
            || !ulong.TryParse(block[0], CultureInfo.InvariantCulture, out var first)
            || !long.TryParse(block[1], CultureInfo.InvariantCulture, out var micros)
            || ReadHead(block[2..]) is not { } end
            || !int.TryParse(part[0], CultureInfo.InvariantCulture, out var index)
            || !int.TryParse(part[1], CultureInfo.InvariantCulture, out var count)
            || index < 0
            || index >= count)
            return null;

        return mark with
        {
            Part = index,
            Parts = count,
            Block = new LogBlock
            {
                First = new Sequence(first),
                Last = end.Last,
                Epoch = end.Epoch,
                WrittenAt = DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond),
                Digest = end.Digest,
                Encoded = default,
            },
        };
    }

    private static string Value(NatsHeaders headers, string name) =>
        headers.TryGetValue(name, out var value) ? value.ToString() : "";

    private static string Text(Sequence last, Epoch epoch, StateDigest digest) =>
        $"{last} {epoch} {digest}";

    private static JournalHead? ReadHead(string[] words) =>
        words.Length == 3
        && ulong.TryParse(words[0], CultureInfo.InvariantCulture, out var last)
        && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out var epoch)
        && UInt128.TryParse(words[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digest)
            ? new JournalHead(new Sequence(last), new Epoch(epoch), new StateDigest(digest))
            : null;
}
