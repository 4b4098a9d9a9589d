using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Snapshots;

/// <summary>A captured world as chunks of about 1 MiB, each produced on request.</summary>
internal static class SnapshotWriter
{
    public const int FormatVersion = 1;

    private const int TargetChunkBytes = 1 << 20;

    public static SnapshotManifest Describe(CapturedWorld world, DateTimeOffset capturedAt) => new()
    {
        Sequence = world.View.Sequence,
        Epoch = world.View.Epoch,
        CapturedAt = LogTime.Truncate(capturedAt),
        Digest = world.View.Digest,
        Keys = (ulong)world.View.Count,
        FormatVersion = FormatVersion,
    };

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Write(CapturedWorld world, string worldId)
    {
        // Sorting and encoding a large world takes a while, so do it off the caller's thread.
        await Task.Yield();
        var index = 0;
        var chunk = NewChunk();
        foreach (var record in Records(world, worldId))
        {
            record(chunk);
            if (chunk.Length < TargetChunkBytes)
                continue;
            yield return SnapshotChunk.Close(chunk, index++);
            chunk = NewChunk();
        }
        if (chunk.Length > SnapshotChunk.HeaderSize)
            yield return SnapshotChunk.Close(chunk, index);
    }

    private static ByteWriter NewChunk()
    {
        var chunk = new ByteWriter(4096);
        chunk.Reserve(SnapshotChunk.HeaderSize);
        return chunk;
    }

    private static IEnumerable<Action<ByteWriter>> Records(CapturedWorld world, string worldId)
    {
        yield return writer => WriteHeader(writer, world, worldId);
        foreach (var entry in world.View.Entries)
            yield return writer => WriteEntry(writer, entry);
        if (world.Forgotten != default)
            yield return writer => WriteForgotten(writer, world.Forgotten);
        foreach (var entry in world.IdempotencyKeys)
            yield return writer => WriteIdempotencyKey(writer, entry);
        yield return writer =>
        {
            writer.Byte((byte)SnapshotRecord.End);
            writer.UInt64((ulong)world.View.Count);
            writer.UInt64((ulong)world.IdempotencyKeys.Count);
        };
    }

    private static void WriteHeader(ByteWriter writer, CapturedWorld world, string worldId)
    {
        writer.Byte((byte)SnapshotRecord.Header);
        writer.UInt128(WorldHash.Of(worldId));
        writer.UInt64(world.View.Sequence.Value);
        writer.UInt64(world.View.Epoch.Value);
        writer.Int64(LogTime.ToMicroseconds(world.CommittedAt));
    }

    private static void WriteEntry(ByteWriter writer, StateEntry entry)
    {
        writer.Byte((byte)SnapshotRecord.Entry);
        writer.UInt64(entry.Value.Version.Value);
        writer.Text(entry.Key.Kind);
        writer.Text(entry.Key.Id);
        writer.Bytes(entry.Value.Value.Span);
    }

    private static void WriteForgotten(ByteWriter writer, LogPlace forgotten)
    {
        writer.Byte((byte)SnapshotRecord.Forgotten);
        writer.UInt64(forgotten.Sequence.Value);
        writer.UInt64(forgotten.Epoch.Value);
    }

    private static void WriteIdempotencyKey(ByteWriter writer, IdempotencyEntry entry)
    {
        writer.Byte((byte)SnapshotRecord.IdempotencyKey);
        writer.Text(entry.Key.Span);
        writer.UInt128(entry.ContentHash);
        writer.UInt64(entry.Sequence.Value);
        writer.UInt64(entry.Epoch.Value);
        writer.Int64(LogTime.ToMicroseconds(entry.CommittedAt));
    }
}
