using Aether.Persistence.Snapshots;
using Aether.Persistence.State;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>Snapshots with arbitrary content.</summary>
internal static class TestSnapshots
{
    public static SnapshotManifest Manifest(ulong sequence, ulong epoch) => new()
    {
        Sequence = new Sequence(sequence),
        Epoch = new Epoch(epoch),
        CapturedAt = DateTimeOffset.UnixEpoch.AddHours(sequence),
        Digest = new StateDigest(sequence),
        Keys = sequence,
        FormatVersion = 1,
    };

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks(params byte[][] chunks)
    {
        foreach (var chunk in chunks)
        {
            await Task.Yield();
            yield return chunk;
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAfter(Task gate, params byte[][] chunks)
    {
        await gate;
        foreach (var chunk in chunks)
            yield return chunk;
    }

    public static async Task<List<byte[]>> ReadAsync(ISnapshotStore store, SnapshotManifest manifest)
    {
        var chunks = new List<byte[]>();
        await foreach (var chunk in store.ReadAsync(manifest, TestContext.Current.CancellationToken))
            chunks.Add(chunk.ToArray());
        return chunks;
    }
}
