using Aether.TestServers.Certificates;

namespace Aether.TestServers;

/// <summary>Options of a <see cref="PostgresServer"/>.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>PostgreSQL's log_statement: none, ddl, mod or all. Default: none.</summary>
    public string LogStatement { get; init; } = "none";

    /// <summary>PostgreSQL's max_connections. Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>Certificate for TLS. Default: null, no TLS.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>
    /// The server of which this one is a streaming standby; it must run when this one first starts. Default: null, a
    /// primary.
    /// </summary>
    public PostgresServer? StandbyOf { get; init; }

    /// <summary>
    /// Rules of pg_hba.conf that replace the default rule, by which any user may log in with a password. Default: null.
    /// </summary>
    public IReadOnlyList<string>? Access { get; init; }

    /// <summary>More settings, as in postgresql.conf.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
