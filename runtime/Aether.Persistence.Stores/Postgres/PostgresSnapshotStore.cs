using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Npgsql;
using NpgsqlTypes;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// Snapshots in the world's tables. Chunks are stored a few at a time, each time in a transaction of their own, and the
/// manifest last: chunks without a manifest are not a snapshot. Every transaction that changes anything locks the
/// world's row at its end and checks that the epoch is still the writer's. So an opener either comes first, and the
/// change is refused; or it waits for a moment, and finds the change.
/// </summary>
/// <remarks>
/// PostgreSQL buffers up to 1,000 rows of one COPY in memory and is silent while it inserts them, so each COPY gets
/// few. One snapshot is written at a time.
/// </remarks>
public sealed class PostgresSnapshotStore(PostgresWorld world) : ISnapshotStore
{
    private const int MostChunks = 16;
    private const int MostDeleted = 64;

    private readonly string _list =
        $"""
        SELECT sequence, epoch, captured_at, state_digest, keys, format_version
        FROM {world.Tables.Snapshots} ORDER BY sequence DESC, epoch DESC
        """;

    private readonly string _read =
        $"SELECT data FROM {world.Tables.SnapshotChunks} WHERE sequence = $1 AND epoch = $2 ORDER BY ordinal";

    private readonly string _count =
        $"SELECT count(*) FROM {world.Tables.SnapshotChunks} WHERE sequence = $1 AND epoch = $2";

    private readonly string _copy =
        $"COPY {world.Tables.SnapshotChunks} (sequence, epoch, ordinal, data) FROM STDIN (FORMAT BINARY)";

    private readonly string _insert =
        $"""
        INSERT INTO {world.Tables.Snapshots} (sequence, epoch, captured_at, state_digest, keys, format_version)
        VALUES ($1, $2, $3, $4, $5, $6)
        """;

    private readonly string _delete = $"DELETE FROM {world.Tables.Snapshots} WHERE sequence = $1 AND epoch = $2";

    private readonly string _deleteChunks =
        $"DELETE FROM {world.Tables.SnapshotChunks} WHERE sequence = $1 AND epoch = $2";

    private readonly string _deleteLoose =
        $"""
        DELETE FROM {world.Tables.SnapshotChunks} WHERE (sequence, epoch, ordinal) IN (
          SELECT c.sequence, c.epoch, c.ordinal FROM {world.Tables.SnapshotChunks} AS c
          WHERE NOT EXISTS (
            SELECT FROM {world.Tables.Snapshots} AS s WHERE s.sequence = c.sequence AND s.epoch = c.epoch)
          LIMIT {MostDeleted})
        """;

    // The snapshot whose chunks a failed attempt has stored, so that the next attempt can continue.
    private SnapshotManifest? _unfinished;
    private int _atOnce = MostChunks;

    /// <inheritdoc />
    public bool Resumes => true;

    /// <inheritdoc />
    public async Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken)
    {
        var manifests = new List<SnapshotManifest>();
        var rows = world.ReadAsync(
            _list,
            _ => { },
            reader => Task.FromResult(new SnapshotManifest
            {
                Sequence = reader.GetFieldValue<long>(0).ToSequence(),
                Epoch = reader.GetFieldValue<long>(1).ToEpoch(),
                CapturedAt = new DateTimeOffset(reader.GetDateTime(2)),
                Digest = StateDigest.Read(reader.GetFieldValue<byte[]>(3)),
                Keys = checked((ulong)reader.GetFieldValue<long>(4)),
                FormatVersion = reader.GetFieldValue<int>(5),
            }),
            cancellationToken);
        await foreach (var manifest in rows)
            manifests.Add(manifest);
        return manifests;
    }

    /// <inheritdoc />
    public async Task WriteAsync(
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var resumes = manifest == _unfinished;
        _unfinished = null;
        try
        {
            await WriteAsync(manifest, chunks, resumes, cancellationToken);
            _atOnce = Math.Min(MostChunks, _atOnce * 2);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            _unfinished = manifest;
            throw new StoreUnavailableException(
                PostgresFailures.Store,
                "an earlier attempt at this snapshot was stored meanwhile; try again.",
                exception);
        }
        catch (StoreUnavailableException)
        {
            // If a server is so slow that inserting this many chunks exceeds the timeout, it gets fewer.
            _unfinished = manifest;
            _atOnce = Math.Max(1, _atOnce / 2);
            throw;
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SnapshotManifest manifest, CancellationToken cancellationToken) =>
        world.ReadAsync<ReadOnlyMemory<byte>>(
            _read,
            parameters => BindKey(parameters, manifest),
            async reader => await reader.GetFieldValueAsync<byte[]>(0, cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public async Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        await ChangeAsync(epoch, connection => ExecuteAsync(connection, _delete, manifest, cancellationToken),
            cancellationToken);
        await DeleteLooseAsync(epoch, cancellationToken);
    }

    private static void BindKey(NpgsqlParameterCollection parameters, SnapshotManifest manifest)
    {
        parameters.AddValue(manifest.Sequence.ToBigint());
        parameters.AddValue(manifest.Epoch.ToBigint());
    }

    private async Task WriteAsync(
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        bool resumes,
        CancellationToken cancellationToken)
    {
        var stored = (await ListAsync(cancellationToken)).FirstOrDefault(
            each => (each.Sequence, each.Epoch) == (manifest.Sequence, manifest.Epoch));
        if (stored is not null)
        {
            // A failed attempt may have been complete nevertheless.
            if (!resumes || stored != manifest)
                await ReplaceAsync(manifest, chunks, cancellationToken);
            return;
        }

        try
        {
            await StoreAsync(manifest, chunks, resumes, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // A schema that is not migrated yet requires the manifest in the same transaction.
            await ReplaceAsync(manifest, chunks, cancellationToken);
        }
    }

    private async Task StoreAsync(
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        bool resumes,
        CancellationToken cancellationToken)
    {
        if (!resumes)
            await DeleteLooseAsync(manifest.Epoch, cancellationToken);
        var stored = resumes ? await CountAsync(manifest, cancellationToken) : 0;
        var ordinal = 0;
        var piece = new List<ReadOnlyMemory<byte>>();
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            if (ordinal++ < stored)
                continue;
            piece.Add(chunk);
            if (piece.Count < _atOnce)
                continue;
            await ChangeAsync(
                manifest.Epoch,
                connection => CopyAsync(connection, manifest, ordinal - piece.Count, piece, cancellationToken),
                cancellationToken);
            piece.Clear();
        }

        await ChangeAsync(
            manifest.Epoch,
            async connection =>
            {
                await CopyAsync(connection, manifest, ordinal - piece.Count, piece, cancellationToken);
                await ExpectAsync(connection, manifest, ordinal, cancellationToken);
                await InsertAsync(connection, manifest, cancellationToken);
            },
            cancellationToken);
    }

    private async Task ExpectAsync(
        NpgsqlConnection connection, SnapshotManifest manifest, long chunks, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_count, connection);
        BindKey(command.Parameters, manifest);
        if (await command.ExecuteScalarAsync(cancellationToken) is var stored and not null && (long)stored != chunks)
            throw new StoreUnavailableException(
                PostgresFailures.Store,
                $"{stored} of the {chunks} chunks of a snapshot exist: something else changes them. It is taken "
                + "again.");
    }

    // In one transaction, so that at every moment either the old or the new snapshot exists.
    private Task ReplaceAsync(
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            manifest.Epoch,
            async connection =>
            {
                await ExecuteAsync(connection, _delete, manifest, cancellationToken);
                await ExecuteAsync(connection, _deleteChunks, manifest, cancellationToken);
                var ordinal = 0;
                var piece = new List<ReadOnlyMemory<byte>>();
                await foreach (var chunk in chunks.WithCancellation(cancellationToken))
                {
                    piece.Add(chunk);
                    if (piece.Count < _atOnce)
                        continue;
                    await CopyAsync(connection, manifest, ordinal, piece, cancellationToken);
                    ordinal += piece.Count;
                    piece.Clear();
                }

                await CopyAsync(connection, manifest, ordinal, piece, cancellationToken);
                await InsertAsync(connection, manifest, cancellationToken);
            },
            cancellationToken);

    // Deletes chunks that were left by abandoned attempts, of this writer or a former one, or by a deletion.
    private async Task DeleteLooseAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        var deleted = MostDeleted;
        while (deleted == MostDeleted)
        {
            await ChangeAsync(
                epoch,
                async connection =>
                {
                    await using var command = new NpgsqlCommand(_deleteLoose, connection);
                    deleted = await command.ExecuteNonQueryAsync(cancellationToken);
                },
                cancellationToken);
        }
    }

    private Task<long> CountAsync(SnapshotManifest manifest, CancellationToken cancellationToken) => world.RunAsync(
        async connection =>
        {
            await using var statement = new PostgresStatement(_count, connection);
            BindKey(statement.Parameters, manifest);
            return (long)(await statement.ExecuteScalarAsync(cancellationToken))!;
        },
        cancellationToken);

    // Lock the world's row last, when only a moment of work is left: the next writer's opening and this writer's own
    // appends and renewals wait for that lock.
    private async Task ChangeAsync(
        Epoch epoch, Func<NpgsqlConnection, Task> action, CancellationToken cancellationToken) =>
        await world.RunAsync(
            async connection =>
            {
                await using var transaction = await world.BeginAsync(connection, cancellationToken);
                await action(connection);
                var current = await PostgresEpoch.HoldAsync(connection, world.Tables, cancellationToken);
                if (current.Epoch != epoch)
                    throw current.Fences(epoch);
                await transaction.CommitAsync(cancellationToken);
                return true;
            },
            cancellationToken);

    private async Task CopyAsync(
        NpgsqlConnection connection,
        SnapshotManifest manifest,
        int ordinal,
        List<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken)
    {
        if (chunks.Count == 0)
            return;
        await using var import = await connection.BeginBinaryImportAsync(_copy, cancellationToken);
        foreach (var chunk in chunks)
        {
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(manifest.Sequence.ToBigint(), NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(manifest.Epoch.ToBigint(), NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(ordinal++, NpgsqlDbType.Integer, cancellationToken);
            await import.WriteAsync(chunk, NpgsqlDbType.Bytea, cancellationToken);
        }

        await import.CompleteAsync(cancellationToken);
    }

    private async Task InsertAsync(
        NpgsqlConnection connection, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_insert, connection);
        BindKey(command.Parameters, manifest);
        command.Parameters.AddValue(manifest.CapturedAt.UtcDateTime);
        command.Parameters.AddValue(manifest.Digest.ToBytea());
        command.Parameters.AddValue(checked((long)manifest.Keys));
        command.Parameters.AddValue(manifest.FormatVersion);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        BindKey(command.Parameters, manifest);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
