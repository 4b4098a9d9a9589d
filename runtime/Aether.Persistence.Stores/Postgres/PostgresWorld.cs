using System.Data;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The schema of one world in PostgreSQL, reached with the world's own credentials through a small pool. The stores in
/// this folder share it. Every command has a time limit, and an unavailable server causes a
/// <see cref="StoreUnavailableException"/>.
/// </summary>
public sealed class PostgresWorld : IAsyncDisposable
{
    private readonly Replaceable<PostgresPool> _pool;
    private PostgresConnectionOptions _given;

    /// <summary>Prepares the pool; the first command connects.</summary>
    public PostgresWorld(PostgresConnectionOptions options)
    {
        _given = options;
        _pool = new Replaceable<PostgresPool>(new PostgresPool(options));
        Tables = new PostgresTables(options.Schema);
    }

    internal PostgresConnectionOptions Options => _pool.Current.Options;

    internal PostgresTables Tables { get; }

    /// <summary>
    /// How this agent opened the world; null before that. A database without this opening is not used.
    /// </summary>
    internal PostgresOpening? Opening { get; set; }

    /// <summary>
    /// The last renewal of the lease, which may be under way: it waits for a sync of the server. Those who can wait for
    /// it save a second session.
    /// </summary>
    internal Task Renewal { get; set; } = Task.CompletedTask;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    /// <summary>
    /// Switches to other credentials, CAs or another address, once a session with them is open. Until then the present
    /// sessions stay in use; afterwards each is closed after its use. One call at a time.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// They do not lead to this world; the former ones stay in use.
    /// </exception>
    public async Task UseAsync(PostgresConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options == _given)
            return;
        if (options.Schema != _given.Schema)
            throw PostgresFailures.OtherSchema(_given.Schema, options.Schema);

        var next = await ProvenAsync(options, cancellationToken);
        while (!await _pool.TryReplaceAsync(_pool.Current, next))
        {
            // A refused login has exchanged the two passwords meanwhile.
        }

        _given = options;
    }

    /// <summary>
    /// Runs statements. If the wait for a synchronous standby is cancelled, by the command's timeout or by an
    /// administrator, PostgreSQL commits locally and only sends a WARNING. We treat that as a failure.
    /// </summary>
    internal async Task<T> RunAsync<T>(
        Func<NpgsqlConnection, Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await OpenAsync(cancellationToken);
            var connection = session.Connection;
            PostgresNotice? warning = null;
            connection.Notice += (_, received) =>
            {
                if (PostgresFailures.IsWithoutStandby(received.Notice))
                    warning = received.Notice;
            };
            var result = await action(connection);
            return warning is null ? result : throw PostgresFailures.Translate(warning);
        }
        catch (Exception exception) when (PostgresFailures.IsOutage(exception))
        {
            throw await TranslateAsync(exception);
        }
    }

    /// <summary>
    /// Explains an outage, and closes the sessions that would fail the same way: those of a server that is no longer
    /// the primary, and those whose prepared statements belong to another client.
    /// </summary>
    internal async Task<StoreUnavailableException> TranslateAsync(Exception outage)
    {
        if (PostgresFailures.IsReadOnly(outage))
            _pool.Current.Clear();
        if (PostgresFailures.IsOfPreparedStatements(outage))
            await _pool.Current.StopPreparingAsync();
        return PostgresFailures.Translate(outage);
    }

    /// <summary>
    /// Begins a transaction of several statements, with the settings that it relies on. Each statement may take up to
    /// <paramref name="longest"/>; by default the server sets no limit.
    /// </summary>
    internal async Task<NpgsqlTransaction> BeginAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken, TimeSpan longest = default)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(
                TransactionSettings.Statement(connection, Options.CommandTimeout, longest), connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await TransactionSettings.VerifyAsync(reader, cancellationToken);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    /// <summary>Streams rows; <paramref name="read"/> reads a row's columns in order, each once.</summary>
    internal async IAsyncEnumerable<T> ReadAsync<T>(
        string sql,
        Action<NpgsqlParameterCollection> bind,
        Func<NpgsqlDataReader, Task<T>> read,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = await PostgresRows<T>.OpenAsync(this, sql, bind, read, cancellationToken);
        while (await rows.MoveNextAsync(cancellationToken))
            yield return rows.Current;
    }

    /// <summary>Takes a session from the pool, or opens a new one.</summary>
    internal async Task<PostgresSession> OpenAsync(CancellationToken cancellationToken)
    {
        for (var retried = false; ; retried = true)
        {
            var hold = _pool.Use();
            try
            {
                return new PostgresSession(await hold.Value.OpenAsync(cancellationToken), hold);
            }
            catch (Exception exception)
            {
                await hold.DisposeAsync();
                if (retried || !await TryOtherPasswordAsync(exception, hold.Value))
                    throw;
            }
        }
    }

    // During a rotation the server accepts one of two passwords, and which one may change between two logins.
    private async Task<bool> TryOtherPasswordAsync(Exception refusal, PostgresPool refused)
    {
        if (!PostgresFailures.IsWrongPassword(refusal) || refused.Options.WithOtherPassword() is not { } options)
            return false;

        var other = new PostgresPool(options);
        if (!await _pool.TryReplaceAsync(refused, other))
            await other.DisposeAsync();
        return true;
    }

    private async Task<PostgresPool> ProvenAsync(
        PostgresConnectionOptions options, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await ProvenPoolAsync(options, cancellationToken);
            }
            catch (Exception refusal) when (
                PostgresFailures.IsWrongPassword(refusal) && options.WithOtherPassword() is not null)
            {
                return await ProvenPoolAsync(options.WithOtherPassword()!, cancellationToken);
            }
        }
        catch (Exception exception) when (PostgresFailures.IsOutage(exception))
        {
            throw PostgresFailures.Translate(exception);
        }
    }

    private async Task<PostgresPool> ProvenPoolAsync(
        PostgresConnectionOptions options, CancellationToken cancellationToken)
    {
        var pool = new PostgresPool(options);
        try
        {
            await using var connection = await pool.OpenAsync(cancellationToken);
            if (Opening is { } opening && !options.IsSamePlace(_given))
                await PostgresEpoch.ExpectAsync(connection, Tables, opening, options, cancellationToken);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }
}
