using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>The administrators' sessions in PostgreSQL: one small pool per backend, shared by all reconciles.</summary>
internal sealed class PostgresConnections(TimeProvider clock) : IAsyncDisposable
{
    private readonly SharedConnections<Pool> _pools = new(_ => true, FaultOf, clock);

    /// <summary>Number of open pools.</summary>
    public int Count => _pools.Count;

    /// <summary>
    /// Uses sessions of the administrator, at most one at a time. Repeats the use if its session was cut since its last
    /// use.
    /// </summary>
    /// <exception cref="ProvisioningException">PostgreSQL cannot be reached, or refused something.</exception>
    public async Task<T> UseAsync<T>(PostgresAccess access, Func<NpgsqlDataSource, Task<T>> use)
    {
        try
        {
            return await _pools.UseAsync(
                KeyOf(access),
                () => Task.FromResult(new Pool(PostgresAdmin.Open(access), clock)),
                pool => pool.UseAsync(use));
        }
        catch (Exception exception) when (PostgresFailures.IsExpected(exception))
        {
            var failure = PostgresFailures.Translate(exception, access);
            if (failure.Reason == StoreReason.Unreachable
                && access.SslMode != PostgresSslMode.Disable
                && await TlsProbe.Postgres.FindRefusalAsync(
                    access.Address.Split(','), access.Certificates.ForHost(), CancellationToken.None) is { } refusal)
                throw PostgresFailures.Translate(refusal, access);
            throw failure;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _pools.DisposeAsync();

    private static string KeyOf(PostgresAccess access) => StorePlace.Fingerprint(
        access.Address, access.TargetSession.ToString(), access.Database, access.SslMode.ToString(), access.Username,
        access.Password, access.Certificates.Fingerprint);

    private static ConnectionFault FaultOf(Exception exception) => exception switch
    {
        PostgresException refusal => FaultOf(refusal),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => ConnectionFault.Suspect,
        _ => PostgresFailures.IsExpected(exception) ? ConnectionFault.Stale : ConnectionFault.None,
    };

    private static ConnectionFault FaultOf(PostgresException refusal) => refusal.SqlState switch
    {
        // A server that was demoted without a restart keeps its sessions.
        PostgresErrorCodes.ReadOnlySqlTransaction
            or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => ConnectionFault.Stale,

        // Otherwise the next probe could succeed in an old session, and each new session would be another failed login.
        PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification => ConnectionFault.Suspect,
        _ => ConnectionFault.None,
    };

    /// <summary>
    /// Sessions in one PostgreSQL. A use waits for its turn without a time limit, while Npgsql would fail it as if the
    /// server could not be reached.
    /// </summary>
    private sealed class Pool(NpgsqlDataSource data, TimeProvider clock) : IAsyncDisposable
    {
        private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(2);

        private readonly SemaphoreSlim _turns = new(PostgresAdmin.MostSessions);
        private long _answeredAt = clock.GetTimestamp();

        public async Task<T> UseAsync<T>(Func<NpgsqlDataSource, Task<T>> use)
        {
            // Not cancelled: each use before it ends by its own time limits or its caller's cancellation.
            await _turns.WaitAsync(CancellationToken.None);
            try
            {
                if (clock.GetElapsedTime(Volatile.Read(ref _answeredAt)) > FreshFor)
                    await CheckAsync();
                var result = await use(data);
                Volatile.Write(ref _answeredAt, clock.GetTimestamp());
                return result;
            }
            finally
            {
                _turns.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            _turns.Dispose();
            await data.DisposeAsync();
        }

        // A server that hangs is found within the time limit of a new connection, not within that of a migration.
        private async Task CheckAsync()
        {
            await using var command = data.CreateCommand("SELECT 1");
            command.CommandTimeout = PostgresAdmin.ConnectSeconds;
            await command.ExecuteScalarAsync(CancellationToken.None);
        }
    }
}
