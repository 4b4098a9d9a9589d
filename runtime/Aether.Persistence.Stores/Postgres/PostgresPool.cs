using System.Security.Cryptography.X509Certificates;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The sessions for one set of options, and whether statements are prepared in them. In a pooler's transaction mode a
/// prepared statement stays in a session of the server that other clients use next. If one of them uses the same name,
/// it would run the wrong statement. So statements are prepared only in a session that is known to be the server's own:
/// its server process has the number that was given at the login.
/// </summary>
internal sealed class PostgresPool : IAsyncDisposable
{
    private static readonly TimeSpan LongestPerHost = TimeSpan.FromSeconds(2);

    // With several hosts Npgsql keeps a pool for each of them, and would keep a connection to each standby open.
    private static readonly TimeSpan IdleLifetimeOfHosts = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private volatile NpgsqlDataSource _sessions;
    private NpgsqlDataSource? _preparing; // _gate

    public PostgresPool(PostgresConnectionOptions options)
    {
        Options = options;
        _sessions = options.PreparedStatements == PreparedStatements.Auto
            ? _preparing = Create(options, prepares: true)
            : Create(options, prepares: false);
    }

    public PostgresConnectionOptions Options { get; }

    /// <summary>Takes a free session, or opens a new one.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OpenOnceFoundAsync(cancellationToken);
        }
        catch (NpgsqlException cut) when (Options.SslMode != SslMode.Disable && PostgresFailures.IsCut(cut))
        {
            // The TLS alert that refuses the client's certificate may be lost when the server closes the connection.
            if (await TlsProbe.Postgres.FindRefusalAsync(
                Options.Address.Split(','), StoreTls.ForHost(Options.RootCertificate, Options.Client),
                cancellationToken) is { } refusal)
                throw new NpgsqlException(cut.Message, refusal);
            throw;
        }
    }

    private async ValueTask<NpgsqlConnection> OpenOnceFoundAsync(CancellationToken cancellationToken)
    {
        var sessions = _sessions;
        try
        {
            return await sessions.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception exception) when (
            PostgresFailures.Causes(exception).Any(cause => cause is PoolerFoundException
                || (cause is ObjectDisposedException && sessions != _sessions)))
        {
            // Several connections may detect the pooler at the same time. The first replaces and disposes the sessions
            // for all.
            await StopPreparingAsync();
            if (sessions == _sessions)
                throw;
            return await _sessions.OpenConnectionAsync(cancellationToken);
        }
    }

    /// <summary>Closes free sessions now, and those in use when they are returned.</summary>
    public void Clear() => _sessions.Clear();

    /// <summary>
    /// Stops preparing statements from the next session on; open sessions are closed after their use.
    /// </summary>
    public async Task StopPreparingAsync()
    {
        NpgsqlDataSource preparing;
        lock (_gate)
        {
            if (_preparing is null)
                return;
            (preparing, _preparing) = (_preparing, null);
            _sessions = Create(Options, prepares: false);
        }

        await preparing.DisposeAsync();
    }

    /// <summary>Closes free sessions now, and those in use when they are returned.</summary>
    public ValueTask DisposeAsync() => _sessions.DisposeAsync();

    private static NpgsqlDataSource Create(PostgresConnectionOptions options, bool prepares)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = options.Hosts ?? options.Host,
            Port = options.Port,
            Database = options.Database,
            Username = options.Username,
            Password = options.Password,
            SslMode = options.SslMode,
            // Otherwise Npgsql treats any failure, even a wrong password, as a failure of GSS encryption and logs in a
            // second time.
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = options.ApplicationName,
            MaxPoolSize = options.MaxConnections,
            // After a load all sessions but one are closed, since each takes several MiB of the server. The last one
            // stays open, so that renewals of the lease need no login.
            MinPoolSize = options.Hosts is null ? 1 : 0,
            ConnectionIdleLifetime =
                (int)(options.Hosts is null ? options.IdleLifetime : IdleLifetimeOfHosts).TotalSeconds,
            ConnectionPruningInterval = (int)options.PruningInterval.TotalSeconds,
            Timeout = (int)ConnectTimeout(options).TotalSeconds,
            // A promoted standby must be found without delay.
            HostRecheckSeconds = 1,
            CommandTimeout = (int)options.CommandTimeout.TotalSeconds,
            TcpKeepAlive = true,
            TcpKeepAliveTime = (int)options.CommandTimeout.TotalSeconds,
            TcpKeepAliveInterval = 5,
            IncludeErrorDetail = false,
            // Large enough for the waiting commits of 64 writers in one write.
            WriteBufferSize = 32 << 10,
            // A world has few statements, and they never change. Prepared statements are the only thing that outlives a
            // transaction: every setting that a transaction relies on is set in it, because poolers refuse session
            // settings at login.
            MaxAutoPrepare = prepares ? 32 : 0,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
        };
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        if (options.RootCertificate is { } pem)
            builder.UseRootCertificates(Certificates(pem));
        if (options.Client is { } client)
            builder.UseSslClientAuthenticationOptionsCallback(StoreTls.Prepare(authorities: null, client));
        if (prepares)
            builder.UsePhysicalConnectionInitializer(
                _ => throw new NotSupportedException("Sessions are opened asynchronously."), ExpectNoPoolerAsync);
        return options.Hosts is null
            ? builder.Build()
            : builder.BuildMultiHost().WithTargetSession(options.TargetSession);
    }

    // A host that does not answer must not use up the time for the other hosts.
    private static TimeSpan ConnectTimeout(PostgresConnectionOptions options) =>
        options.Hosts is null || options.ConnectTimeout < LongestPerHost ? options.ConnectTimeout : LongestPerHost;

    // The same statement also allows the agent's own session to be idle without limit.
    private static async Task ExpectNoPoolerAsync(NpgsqlConnection connection)
    {
        await using (var process = new NpgsqlCommand("SELECT pg_catalog.pg_backend_pid()", connection))
        {
            if (await process.ExecuteScalarAsync() is not int id || id != connection.ProcessID)
                throw new PoolerFoundException();
        }

        await using var idle = new NpgsqlCommand(
            "SELECT pg_catalog.set_config('idle_session_timeout', '0', false)", connection);
        await idle.ExecuteNonQueryAsync();
    }

    private static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }

    private sealed class PoolerFoundException() : Exception("There is a pooler between agent and server.");
}
