using Aether.Persistence.Journal;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The journal in the world's tables. One statement moves the journal's end in the world's row, if epoch and end are
/// what the writer expects, and inserts the blocks from that update. So no block can be stored under an old epoch or
/// leave a gap, even if the statement reaches the server long after its writer gave it up. The same update changes
/// <c>critical_state</c>. Rows are in partitions by sequence, which functions of the schema create and drop, because
/// the world's role may not.
/// </summary>
public sealed class PostgresJournal : IJournal
{
    private readonly BlockCompression _compression = new();
    private readonly PostgresWorld _world;
    private readonly PostgresProjection? _projection;
    private readonly AppendStatements _append;
    private readonly string _head;
    private readonly string _read;
    private readonly string _contains;
    private readonly string _confirm;
    private readonly string _make;
    private readonly string _drop;

    // Only for the shipping loop: the last commit for which a partition is known to exist.
    private Sequence _roomThrough;

    /// <summary>Creates the journal of a world without a projection.</summary>
    public PostgresJournal(PostgresWorld world)
        : this(world, projection: null)
    {
    }

    /// <summary>Creates the journal of a world, which keeps <paramref name="projection"/> up to date.</summary>
    public PostgresJournal(PostgresWorld world, PostgresProjection? projection)
    {
        _world = world;
        _projection = projection;
        _append = new AppendStatements(world.Tables);
        _head = $"SELECT journal_last_sequence, journal_last_epoch, journal_digest FROM {world.Tables.World}";
        _read =
            $"""
            SELECT first_sequence, last_sequence, epoch, written_at, state_digest, brotli_size, block
            FROM {world.Tables.JournalBlocks} WHERE last_sequence > $1 ORDER BY last_sequence
            """;
        _contains =
            $"""
            SELECT EXISTS (SELECT FROM {world.Tables.JournalBlocks}
                           WHERE last_sequence = $1 AND epoch = $2 AND state_digest = $3)
            """;
        _confirm = $"UPDATE {world.Tables.World} SET epoch = epoch WHERE epoch = $1";
        _make = $"SELECT {world.Tables.MakeJournalPartitions}($1)";
        _drop = $"SELECT {world.Tables.DropJournalPartitions}($1, $2)";
    }

    /// <inheritdoc />
    public Task<JournalHead> ReadHeadAsync(CancellationToken cancellationToken) =>
        _world.RunAsync(connection => ReadHeadAsync(connection, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task ProjectAsync(
        Epoch epoch, Sequence end, IEnumerable<StateEntry> state, CancellationToken cancellationToken) =>
        _projection?.ProjectAsync(epoch, end, state, cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc />
    public IAsyncEnumerable<LogBlock> ReadAfterAsync(Sequence after, CancellationToken cancellationToken) =>
        _world.ReadAsync(
            _read,
            parameters => parameters.AddValue(after.ToBigint()),
            reader => ReadBlockAsync(reader, cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public Task AppendAsync(Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        if (blocks.Count == 0)
            return Task.CompletedTask;
        JournalGapException.ThrowUnlessDense(blocks);
        return _world.RunAsync(
            async connection =>
            {
                if (blocks[^1].Last > _roomThrough)
                    _roomThrough = await MakeRoomAsync(connection, blocks[^1].Last, cancellationToken);
                try
                {
                    await AppendAsync(connection, epoch, blocks, cancellationToken);
                }
                catch (PostgresException exception) when (PostgresFailures.IsWithoutPartition(exception))
                {
                    // An asynchronous standby that took over may not have the partition.
                    _roomThrough = await MakeRoomAsync(connection, blocks[^1].Last, cancellationToken);
                    await AppendAsync(connection, epoch, blocks, cancellationToken);
                }
                return epoch;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task TruncateThroughAsync(Epoch epoch, Sequence sequence, CancellationToken cancellationToken) =>
        _world.RunAsync(
            async connection =>
            {
                while (await DropSomeAsync(connection, epoch, sequence, cancellationToken) > 0)
                    cancellationToken.ThrowIfCancellationRequested();
                return epoch;
            },
            cancellationToken);

    private async Task<JournalHead> ReadHeadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new PostgresStatement(_head, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new JournalHead(
                reader.GetFieldValue<long>(0).ToSequence(),
                reader.GetFieldValue<long>(1).ToEpoch(),
                StateDigest.Read(reader.GetFieldValue<byte[]>(2)))
            : throw PostgresEpoch.Missing();
    }

    private async Task<Sequence> MakeRoomAsync(
        NpgsqlConnection connection, Sequence through, CancellationToken cancellationToken)
    {
        await using var command = new PostgresStatement(_make, connection);
        command.Parameters.AddValue(through.ToBigint());
        return ((long)(await command.ExecuteScalarAsync(cancellationToken))!).ToSequence();
    }

    private async Task AppendAsync(
        NpgsqlConnection connection, Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        if (!await TryAppendAsync(connection, epoch, blocks, cancellationToken))
            await AppendRestAsync(connection, epoch, blocks, cancellationToken);
    }

    private async Task<bool> TryAppendAsync(
        NpgsqlConnection connection, Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        var rows = _projection?.Collect(blocks);
        await using var command = new PostgresStatement(_append.For(blocks.Count, rows), connection);
        var parameters = command.Parameters;
        var last = blocks[^1];
        parameters.AddValue(epoch.ToBigint());
        parameters.AddValue(blocks[0].First.ToBigint() - 1);
        parameters.AddValue(last.Last.ToBigint());
        parameters.AddValue(last.Epoch.ToBigint());
        parameters.AddValue(last.Digest.ToBytea());
        if (AppendStatements.TakesArrays(blocks.Count, rows))
            BindMany(parameters, blocks);
        else
            BindOne(parameters, last);
        if (rows is { IsEmpty: false })
        {
            rows.BindPut(parameters);
            rows.BindRemoved(parameters);
        }

        return await command.ExecuteNonQueryAsync(cancellationToken) == blocks.Count;
    }

    // By far the most common case, for which building arrays would be wasted work.
    private void BindOne(NpgsqlParameterCollection parameters, LogBlock block)
    {
        var (bytes, size) = Pack(block);
        parameters.AddValue(block.First.ToBigint());
        parameters.AddValue(block.Last.ToBigint());
        parameters.AddValue(block.Epoch.ToBigint());
        parameters.AddValue(block.WrittenAt.UtcDateTime);
        parameters.AddValue(block.Digest.ToBytea());
        parameters.AddValue(bytes);
        parameters.AddValue(size);
    }

    private void BindMany(NpgsqlParameterCollection parameters, IReadOnlyList<LogBlock> blocks)
    {
        var packed = blocks.Select(Pack).ToList();
        parameters.AddValue(blocks.Select(block => block.First.ToBigint()).ToArray());
        parameters.AddValue(blocks.Select(block => block.Last.ToBigint()).ToArray());
        parameters.AddValue(blocks.Select(block => block.Epoch.ToBigint()).ToArray());
        parameters.AddValue(blocks.Select(block => block.WrittenAt.UtcDateTime).ToArray());
        parameters.AddValue(blocks.Select(block => block.Digest.ToBytea()).ToArray());
        parameters.AddValue(packed.Select(block => block.Bytes.ToBytea()).ToArray());
        parameters.AddValue(packed.Select(block => block.Size).ToArray());
    }

    // Size is the size before compression; 0 without compression.
    private (ReadOnlyMemory<byte> Bytes, int Size) Pack(LogBlock block) =>
        _compression.TryCompress(block.Encoded.Span) is { } compressed
            ? (compressed, block.Encoded.Length)
            : (block.Encoded, 0);

    private static async Task<LogBlock> ReadBlockAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var first = reader.GetFieldValue<long>(0).ToSequence();
        return new LogBlock
        {
            First = first,
            Last = reader.GetFieldValue<long>(1).ToSequence(),
            Epoch = reader.GetFieldValue<long>(2).ToEpoch(),
            WrittenAt = new DateTimeOffset(reader.GetDateTime(3)),
            Digest = StateDigest.Read(reader.GetFieldValue<byte[]>(4)),
            Encoded = Unpack(
                first,
                await reader.GetFieldValueAsync<int?>(5, cancellationToken),
                await reader.GetFieldValueAsync<byte[]>(6, cancellationToken)),
        };
    }

    private static byte[] Unpack(Sequence first, int? size, byte[] bytes) => size is null
        ? bytes
        : BlockCompression.TryDecompress(bytes, size.Value)
            ?? throw new RecoveryException(
                $"The block in the journal that begins with commit {first} does not decompress to {size} bytes. "
                + "Restore it from a backup.");

    // The statement was refused: this writer is fenced, there is a gap, or an earlier attempt with an unknown outcome
    // was stored, completely or up to one of its blocks.
    private async Task AppendRestAsync(
        NpgsqlConnection connection, Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        var current = await PostgresEpoch.ReadAsync(connection, _world.Tables, cancellationToken);
        if (current.Epoch != epoch)
            throw current.Fences(epoch);

        var head = await ReadHeadAsync(connection, cancellationToken);
        var rest = blocks.SkipWhile(block => block.Last <= head.Last).ToList();
        if (rest.Count == blocks.Count
            || !await ContainsAsync(connection, head, blocks[blocks.Count - rest.Count - 1], cancellationToken))
        {
            throw new JournalGapException(head.Last, blocks[0].First);
        }

        if (rest.Count == 0
                ? await TryConfirmAsync(connection, epoch, cancellationToken)
                : await TryAppendAsync(connection, epoch, rest, cancellationToken))
            return;

        // The end moved between two statements of the only shipper: another writer opened the world, or the contract is
        // broken.
        current = await PostgresEpoch.ReadAsync(connection, _world.Tables, cancellationToken);
        if (current.Epoch != epoch)
            throw current.Fences(epoch);
        throw new JournalGapException(head.Last, blocks[^1].Last.Next);
    }

    // Blocks are visible before a synchronous standby has them, if the server crashed while it waited for one. A commit
    // of our own waits for all commits before it.
    private async Task<bool> TryConfirmAsync(
        NpgsqlConnection connection, Epoch epoch, CancellationToken cancellationToken)
    {
        await using var command = new PostgresStatement(_confirm, connection);
        command.Parameters.AddValue(epoch.ToBigint());
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<bool> ContainsAsync(
        NpgsqlConnection connection, JournalHead head, LogBlock block, CancellationToken cancellationToken)
    {
        if (head == new JournalHead(block.Last, block.Epoch, block.Digest))
            return true;
        await using var command = new PostgresStatement(_contains, connection);
        command.Parameters.AddValue(block.Last.ToBigint());
        command.Parameters.AddValue(block.Epoch.ToBigint());
        command.Parameters.AddValue(block.Digest.ToBytea());
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task<int> DropSomeAsync(
        NpgsqlConnection connection, Epoch epoch, Sequence sequence, CancellationToken cancellationToken)
    {
        await using (var command = new PostgresStatement(_drop, connection))
        {
            command.Parameters.AddValue(epoch.ToBigint());
            command.Parameters.AddValue(sequence.ToBigint());
            if (await command.ExecuteScalarAsync(cancellationToken) is int dropped)
                return dropped;
        }

        var current = await PostgresEpoch.ReadAsync(connection, _world.Tables, cancellationToken);
        throw current.Fences(epoch);
    }
}
