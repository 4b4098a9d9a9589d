using Aether.Persistence.Journal;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// Cuts blocks into parts that fit into messages, and assembles blocks whose parts follow each other without a gap. A
/// block that its writer left incomplete, because the writer was stopped or retried, was never in the journal.
/// </summary>
internal sealed class BlockParts
{
    /// <summary>Bytes of a part: a quarter of the default maximum of a NATS message.</summary>
    public const int PartBytes = Contracts.NatsLimits.JournalPartBytes;

    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private JournalHeaders? _last;
    private int _bytes;

    /// <summary>The parts of a block, at least one.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> block)
    {
        var parts = new List<ReadOnlyMemory<byte>> { block[..Math.Min(block.Length, PartBytes)] };
        for (var at = PartBytes; at < block.Length; at += PartBytes)
            parts.Add(block.Slice(at, Math.Min(PartBytes, block.Length - at)));
        return parts;
    }

    /// <summary>Takes the next message; returns the block if this message completes it.</summary>
    public LogBlock? Add(JournalHeaders headers, ReadOnlyMemory<byte> data)
    {
        if (headers.Block is null || !Continues(headers))
        {
            _parts.Clear();
            _bytes = 0;
        }

        _last = headers;
        if (headers.Block is null || headers.Part != _parts.Count)
            return null;
        _bytes += data.Length;
        if (_bytes > JournalLimits.MaxBlockBytes)
            throw new RecoveryException(
                $"The block in the journal that begins with commit {headers.Block.First} is larger than the maximum, "
                + $"{JournalLimits.MaxBlockBytes} bytes. Restore the stream from a backup.");
        _parts.Add(data);
        return headers.IsLastPart ? headers.Block with { Encoded = Join() } : null;
    }

    private bool Continues(JournalHeaders headers) =>
        headers.Part > 0
        && _last is { } last
        && last.Part == headers.Part - 1
        && last.Parts == headers.Parts
        && last.Writer == headers.Writer
        && last.Block == headers.Block;

    private ReadOnlyMemory<byte> Join()
    {
        if (_parts.Count == 1)
            return _parts[0];
        var block = new byte[_bytes];
        var at = 0;
        foreach (var part in _parts)
        {
            part.Span.CopyTo(block.AsSpan(at));
            at += part.Length;
        }

        return block;
    }
}
