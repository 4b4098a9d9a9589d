using Aether.Persistence.Codec;
using Aether.Persistence.State;

namespace Aether.Persistence.Snapshots;

/// <summary>Rebuilds a world from the chunks of a snapshot, and checks that it equals the captured world.</summary>
/// <param name="manifest">The snapshot.</param>
/// <param name="options">Settings of the world.</param>
/// <param name="onRead">Called with the number of keys read so far; may be null.</param>
internal sealed class SnapshotReader(
    SnapshotManifest manifest, PersistenceOptions options, Action<ulong>? onRead = null)
{
    private readonly WorldState _world = new(options);
    private ulong _keys;
    private ulong _idempotencyKeys;
    private bool _began;
    private bool _ended;

    /// <summary>Bytes of the chunks that were read.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="SnapshotDamagedException">The snapshot differs from what was captured.</exception>
    public async Task<WorldState> ReadAsync(ISnapshotStore snapshots, CancellationToken cancellationToken)
    {
        if (manifest.FormatVersion != SnapshotWriter.FormatVersion)
            throw new SnapshotDamagedException(
                $"it has format version {manifest.FormatVersion}, but "
                + $"this agent reads version {SnapshotWriter.FormatVersion}.");

        var index = 0;
        await foreach (var chunk in snapshots.ReadAsync(manifest, cancellationToken))
        {
            ReadBody(SnapshotChunk.Open(chunk, index++).Span, index - 1);
            Bytes += chunk.Length;
            onRead?.Invoke(_keys);
        }

        if (!_ended)
            throw new SnapshotDamagedException($"it ends after {index} chunks, without its last record.");
        if (_world.Store.Digest != manifest.Digest)
            throw new SnapshotDamagedException(
                $"its state has digest {_world.Store.Digest}, but its manifest says {manifest.Digest}.");
        return _world;
    }

    private void ReadBody(ReadOnlySpan<byte> body, int index)
    {
        try
        {
            var reader = new ByteReader(body);
            while (reader.Remaining > 0)
                ReadRecord(body, ref reader);
        }
        catch (InvalidDataException exception)
        {
            throw new SnapshotDamagedException($"chunk {index} cannot be read: {exception.Message}", exception);
        }
    }

    private void ReadRecord(ReadOnlySpan<byte> body, ref ByteReader reader)
    {
        var record = (SnapshotRecord)reader.Byte();
        if (_ended || _began == (record == SnapshotRecord.Header))
            throw new InvalidDataException($"a record of kind {record} is out of place.");
        switch (record)
        {
            case SnapshotRecord.Header:
                ReadHeader(ref reader);
                break;
            case SnapshotRecord.Entry:
                _keys++;
                var version = new Sequence(reader.UInt64());
                _world.Store.Apply(body, ReadPut(body, ref reader), version);
                break;
            case SnapshotRecord.IdempotencyKey:
                _idempotencyKeys++;
                var key = reader.Text();
                _world.Idempotency.Add(
                    key,
                    EncodedKey.Hash(key),
                    reader.UInt128(),
                    new Sequence(reader.UInt64()),
                    new Epoch(reader.UInt64()),
                    LogTime.FromMicroseconds(reader.Int64()));
                break;
            case SnapshotRecord.Forgotten:
                var sequence = new Sequence(reader.UInt64());
                _world.Idempotency.ForgetUpTo(new LogPlace(new Epoch(reader.UInt64()), sequence));
                break;
            case SnapshotRecord.End:
                ReadEnd(ref reader);
                break;
            default:
                throw new InvalidDataException($"{(byte)record} is not a kind of record.");
        }
    }

    private static StateChange ReadPut(ReadOnlySpan<byte> body, ref ByteReader reader)
    {
        var start = reader.Position;
        _ = reader.Text();
        _ = reader.Text();
        var keyLength = reader.Position - start;
        return StateChange.Put(body, start, keyLength, reader.Bytes().Length);
    }

    private void ReadHeader(ref ByteReader reader)
    {
        _began = true;
        var world = reader.UInt128();
        if (world != WorldHash.Of(options.WorldId) && options.FormerWorldIds.All(id => world != WorldHash.Of(id)))
            throw new SnapshotDamagedException(
                $"it belongs to another world, not to the one with identity {options.WorldId}.");
        var sequence = new Sequence(reader.UInt64());
        var epoch = new Epoch(reader.UInt64());
        if ((sequence, epoch) != (manifest.Sequence, manifest.Epoch))
            throw new SnapshotDamagedException($"its chunks are those of commit {sequence} under epoch {epoch}.");
        _world.MoveTo(sequence, LogTime.FromMicroseconds(reader.Int64()));
    }

    private void ReadEnd(ref ByteReader reader)
    {
        _ended = true;
        var (keys, idempotencyKeys) = (reader.UInt64(), reader.UInt64());
        if ((keys, idempotencyKeys) != (_keys, _idempotencyKeys) || keys != manifest.Keys)
            throw new SnapshotDamagedException(
                $"it holds {_keys} keys and {_idempotencyKeys} idempotency keys, "
                + $"should hold {keys} and {idempotencyKeys}; the manifest says {manifest.Keys} keys.");
    }
}
