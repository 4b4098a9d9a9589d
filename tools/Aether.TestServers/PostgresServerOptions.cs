using Aether.TestServers.Certificates;

namespace Aether.TestServers;

/// <summary>How a <see cref="PostgresServer"/> is set up.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>PostgreSQL's log_statement: none, ddl, mod or all. Default: none.</summary>
    public string LogStatement { get; init; } = "none";

    /// <summary>PostgreSQL's max_connections. Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>What it speaks TLS with. Default: null, no TLS.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>
    /// The server whose streaming standby it is, which runs when this one is first started. Default: null, a primary.
    /// </summary>
    public PostgresServer? StandbyOf { get; init; }

    /// <summary>
    /// Rules of pg_hba.conf instead of the one by which anybody may log in with a password. Default: null.
    /// </summary>
    public IReadOnlyList<string>? Access { get; init; }

    /// <summary>More settings, as in postgresql.conf.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
