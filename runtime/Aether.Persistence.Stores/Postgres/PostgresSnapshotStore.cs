using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Npgsql;
using NpgsqlTypes;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// Snapshots in the world's tables. One transaction writes the chunks, then locks the world's row against a new epoch
/// and writes the manifest if the epoch still is the writer's: an opener either comes first and the snapshot is
/// refused, or waits the moment until it is there.
/// </summary>
public sealed class PostgresSnapshotStore(PostgresWorld world) : ISnapshotStore
{
    // Gigabytes, on a disk that is busy. Nothing waits for it.
    private static readonly TimeSpan LongestDelete = TimeSpan.FromMinutes(10);

    private readonly string _list =
        $"""
        SELECT sequence, epoch, captured_at, state_digest, keys, format_version
        FROM {world.Tables.Snapshots} ORDER BY sequence DESC, epoch DESC
        """;

    private readonly string _read =
        $"SELECT data FROM {world.Tables.SnapshotChunks} WHERE sequence = $1 AND epoch = $2 ORDER BY ordinal";

    private readonly string _copy =
        $"COPY {world.Tables.SnapshotChunks} (sequence, epoch, ordinal, data) FROM STDIN (FORMAT BINARY)";

    private readonly string _insert =
        $"""
        INSERT INTO {world.Tables.Snapshots} (sequence, epoch, captured_at, state_digest, keys, format_version)
        VALUES ($1, $2, $3, $4, $5, $6)
        """;

    private readonly string _delete = $"DELETE FROM {world.Tables.Snapshots} WHERE sequence = $1 AND epoch = $2";

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
        try
        {
            await InTransactionAsync(
                async connection =>
                {
                    await RemoveAsync(connection, manifest, cancellationToken);
                    await CopyAsync(connection, manifest, chunks, cancellationToken);
                    await HoldAsync(connection, manifest.Epoch, cancellationToken);
                    await InsertAsync(connection, manifest, cancellationToken);
                },
                cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new StoreUnavailableException(
                PostgresFailures.Store, "an earlier attempt at this snapshot landed meanwhile; try again.", exception);
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
    public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken) =>
        InTransactionAsync(
            async connection =>
            {
                await RemoveAsync(connection, manifest, cancellationToken);
                await HoldAsync(connection, epoch, cancellationToken);
            },
            cancellationToken);

    private static void BindKey(NpgsqlParameterCollection parameters, SnapshotManifest manifest)
    {
        parameters.AddValue(manifest.Sequence.ToBigint());
        parameters.AddValue(manifest.Epoch.ToBigint());
    }

    private Task<bool> InTransactionAsync(Func<NpgsqlConnection, Task> action, CancellationToken cancellationToken) =>
        world.RunAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await world.BoundSilenceAsync(connection, cancellationToken);
                await action(connection);
                await transaction.CommitAsync(cancellationToken);
                return true;
            },
            cancellationToken);

    // Last, when only a moment is left to do: neither the next writer's opening nor our own appends and renewals get
    // past it.
    private async Task HoldAsync(NpgsqlConnection connection, Epoch epoch, CancellationToken cancellationToken)
    {
        var current = await PostgresEpoch.ReadAsync(connection, world.Tables, share: true, cancellationToken);
        if (current.Epoch != epoch)
            throw current.Fences(epoch);
    }

    private async Task CopyAsync(
        NpgsqlConnection connection,
        SnapshotManifest manifest,
        IAsyncEnumerable<ReadOnlyMemory<byte>> chunks,
        CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(_copy, cancellationToken);
        var ordinal = 0;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
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

    private async Task RemoveAsync(
        NpgsqlConnection connection, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(_delete, connection)
        {
            CommandTimeout = (int)LongestDelete.TotalSeconds,
        };
        BindKey(command.Parameters, manifest);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
