using Aether.Persistence.Journal;
using Aether.Persistence.State;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The table <c>critical_state</c>: the values of the critical keys after the last commit of the journal, for readers
/// by SQL. <see cref="PostgresJournal"/> changes it in the statement that appends. This class corrects it first if a
/// writer opens the world with other kinds than the writer before, or after a writer that did not know the table.
/// </summary>
public sealed partial class PostgresProjection
{
    private const int MostRows = 4096;
    private const int MostBytes = 1 << 20;
    private const int RowsPerReport = 200_000;

    // Rebuilt by statements rather than by COPY: during a COPY the server waits for its client for ever, so a frozen
    // former writer would lock the new one out by its row locks.
    private static readonly TimeSpan LongestStatement = TimeSpan.FromMinutes(10);

    private readonly PostgresWorld _world;
    private readonly ILogger<PostgresProjection> _logger;
    private readonly string _read;
    private readonly string _delete;
    private readonly string _insert;
    private readonly string _record;
    private HashSet<string> _kinds;
    private bool _isKept;

    /// <summary>Maintains the table of a world, for the keys of <paramref name="kinds"/>.</summary>
    public PostgresProjection(PostgresWorld world, IEnumerable<string> kinds, ILogger<PostgresProjection> logger)
    {
        _world = world;
        _kinds = [.. kinds];
        _logger = logger;
        _read =
            $"""
            SELECT epoch, holder, journal_last_sequence, projected_kinds, projected_sequence,
                   current_setting('server_encoding')
            FROM {world.Tables.World}
            """;
        _delete = $"DELETE FROM {world.Tables.CriticalState} WHERE kind <> ALL ($1)";
        _insert =
            $"""
            INSERT INTO {world.Tables.CriticalState} (kind, id, version, value)
            SELECT * FROM unnest($1, $2, $3, $4)
            """;
        _record =
            $"""
            UPDATE {world.Tables.World} SET projected_kinds = $3, projected_sequence = $2
            WHERE epoch = $1 AND journal_last_sequence = $2
            """;
    }

    internal Task ProjectAsync(
        Epoch epoch, Sequence end, IEnumerable<StateEntry> state, CancellationToken cancellationToken) =>
        _world.RunAsync(
            async connection =>
            {
                var found = await ReadAsync(connection, epoch, end, cancellationToken);
                if (!found.IsUtf8 && _kinds.Count > 0)
                {
                    LogNotUtf8(_world.Options.Database);
                    _kinds = [];
                }

                var kinds = _kinds.Select(CriticalRows.ToText).ToHashSet();
                var isCurrent = found.Sequence == end || kinds.Count == 0;
                if (!isCurrent || !kinds.SetEquals(found.Kinds))
                {
                    var kept = isCurrent ? kinds.Intersect(found.Kinds).ToHashSet() : [];
                    await RebuildAsync(connection, epoch, end, kept, state, cancellationToken);
                }

                return _isKept = _kinds.Count > 0;
            },
            cancellationToken);

    /// <summary>The changes of an append; null if the table is not maintained.</summary>
    internal CriticalRows? Collect(IReadOnlyList<LogBlock> blocks)
    {
        if (!_isKept)
            return null;
        var rows = new CriticalRows();
        foreach (var (key, value) in CriticalChanges.In(blocks, _kinds))
        {
            if (value is { } held)
                rows.Put(key, held);
            else
                rows.Remove(key);
        }

        return rows;
    }

    private async Task<Found> ReadAsync(
        NpgsqlConnection connection, Epoch epoch, Sequence end, CancellationToken cancellationToken)
    {
        await using var command = new PostgresStatement(_read, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw PostgresEpoch.Missing();
        var current = new PostgresEpoch(reader.GetFieldValue<long>(0).ToEpoch(), reader.GetString(1));
        if (current.Epoch != epoch)
            throw current.Fences(epoch);
        var last = reader.GetFieldValue<long>(2).ToSequence();
        return last == end
            ? new Found(
                reader.GetFieldValue<string[]>(3),
                reader.GetFieldValue<long>(4).ToSequence(),
                reader.GetString(5) == "UTF8")
            : throw new JournalGapException(last, end.Next);
    }

    private async Task RebuildAsync(
        NpgsqlConnection connection,
        Epoch epoch,
        Sequence end,
        HashSet<string> kept,
        IEnumerable<StateEntry> state,
        CancellationToken cancellationToken)
    {
        LogRebuilding(string.Join(' ', _kinds), string.Join(' ', kept), end);
        await using var transaction = await _world.BeginAsync(connection, cancellationToken, LongestStatement);
        await using (var delete = Long(_delete, connection))
        {
            delete.Parameters.AddValue(kept.ToArray());
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }

        var added = _kinds.Where(kind => !kept.Contains(CriticalRows.ToText(kind))).ToHashSet();
        var count = await InsertAsync(connection, state.Where(entry => added.Contains(entry.Key.Kind)),
            cancellationToken);

        // Lock the world's row only now, so that neither the lease nor another opener waits while the rows are written.
        await using (var record = new NpgsqlCommand(_record, connection))
        {
            record.Parameters.AddValue(epoch.ToBigint());
            record.Parameters.AddValue(end.ToBigint());
            record.Parameters.AddValue(_kinds.Select(CriticalRows.ToText).Order(StringComparer.Ordinal).ToArray());
            if (await record.ExecuteNonQueryAsync(cancellationToken) != 1)
            {
                await transaction.RollbackAsync(cancellationToken);
                await ReadAsync(connection, epoch, end, cancellationToken);
                throw PostgresEpoch.Missing();
            }
        }

        await transaction.CommitAsync(cancellationToken);
        LogRebuilt(count, end);
    }

    private async Task<long> InsertAsync(
        NpgsqlConnection connection, IEnumerable<StateEntry> entries, CancellationToken cancellationToken)
    {
        var rows = new CriticalRows();
        var (count, reported) = (0L, 0L);
        foreach (var entry in entries)
        {
            rows.Put(entry.Key, entry.Value);
            if (rows.Count < MostRows && rows.Bytes < MostBytes)
                continue;
            count += await InsertAsync(connection, rows, cancellationToken);
            if (count - reported < RowsPerReport)
                continue;
            reported = count;
            LogProgress(count);
        }

        return count + await InsertAsync(connection, rows, cancellationToken);
    }

    private async Task<int> InsertAsync(
        NpgsqlConnection connection, CriticalRows rows, CancellationToken cancellationToken)
    {
        if (rows.IsEmpty)
            return 0;
        await using var insert = Long(_insert, connection);
        rows.BindPut(insert.Parameters);
        var count = await insert.ExecuteNonQueryAsync(cancellationToken);
        rows.Clear();
        return count;
    }

    private static NpgsqlCommand Long(string sql, NpgsqlConnection connection) =>
        new(sql, connection) { CommandTimeout = (int)LongestStatement.TotalSeconds };

    private sealed record Found(string[] Kinds, Sequence Sequence, bool IsUtf8);

    [LoggerMessage(3401, LogLevel.Information,
        "Rebuilding critical_state for kinds [{Kinds}] as of commit {End}; the rows of [{Kept}] are kept")]
    private partial void LogRebuilding(string kinds, string kept, Sequence end);

    [LoggerMessage(3402, LogLevel.Information, "Rebuilding critical_state: {Count} rows so far")]
    private partial void LogProgress(long count);

    [LoggerMessage(3403, LogLevel.Information, "Rebuilt critical_state: {Count} rows added, as of commit {End}")]
    private partial void LogRebuilt(long count, Sequence end);

    [LoggerMessage(3404, LogLevel.Warning,
        "Database '{Database}' is not encoded in UTF8, so it cannot hold every key: critical kinds are not projected "
        + "into critical_state. Move the world to a database with ENCODING 'UTF8'")]
    private partial void LogNotUtf8(string database);
}
