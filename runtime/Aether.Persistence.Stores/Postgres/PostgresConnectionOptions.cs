using System.Text;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>How to reach the schema of one world.</summary>
public sealed record PostgresConnectionOptions
{
    /// <summary>Port unless another is given.</summary>
    public const int DefaultPort = 5432;

    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port. Default: 5432.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>
    /// Hosts with their ports, separated by commas, instead of <see cref="Host"/> and <see cref="Port"/>; of these the
    /// one that <see cref="TargetSession"/> asks for is used. Default: null, there is one host.
    /// </summary>
    public string? Hosts { get; init; }

    /// <summary>What a server must be to be used, where there are several. Default: Primary.</summary>
    public TargetSessionAttributes TargetSession { get; init; } = TargetSessionAttributes.Primary;

    /// <summary>Database.</summary>
    public required string Database { get; init; }

    /// <summary>Schema of the world.</summary>
    public required string Schema { get; init; }

    /// <summary>Login role of the world.</summary>
    public required string Username { get; init; }

    /// <summary>Password of the role; in no text this record is printed as.</summary>
    public required string Password { get; init; }

    /// <summary>
    /// Password that is about to replace <see cref="Password"/>, for a login that the server refuses with that one.
    /// Default: null, none is.
    /// </summary>
    public string? NextPassword { get; init; }

    /// <summary>Whether and how TLS is spoken. Default: Prefer.</summary>
    public SslMode SslMode { get; init; } = SslMode.Prefer;

    /// <summary>PEM text of the CAs to trust instead of the system's. Default: null, the system's.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>The certificate to present. Default: null, none.</summary>
    public ClientCertificate? Client { get; init; }

    /// <summary>Whether the server keeps statements that are used again and again. Default: Auto.</summary>
    public PreparedStatements PreparedStatements { get; init; }

    /// <summary>Name the server shows for the sessions. Default: aether-agent.</summary>
    public string ApplicationName { get; init; } = "aether-agent";

    /// <summary>
    /// Most connections at once. Default: 6: lease, journal, a snapshot, a health check, and two to spare.
    /// </summary>
    public int MaxConnections { get; init; } = 6;

    /// <summary>Longest a connection may take to come about, or a free one be waited for. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest the server may be silent within a command. Default: 15 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads the <c>AETHER_POSTGRES_*</c> settings.</summary>
    /// <exception cref="InvalidStoreSettingException">One is missing or cannot be used.</exception>
    public static PostgresConnectionOptions From(Func<string, string?> read)
    {
        var settings = new StoreSettings(read);
        return new PostgresConnectionOptions
        {
            Host = settings.Required(AetherVariables.PostgresHost),
            Port = settings.Port(AetherVariables.PostgresPort, DefaultPort),
            Hosts = settings.Addresses(AetherVariables.PostgresHosts),
            TargetSession = settings.Choice(
                AetherVariables.PostgresTargetSession,
                TargetSessionAttributes.Primary,
                TargetSessionAttributes.Primary,
                TargetSessionAttributes.ReadWrite),
            Database = settings.Required(AetherVariables.PostgresDatabase),
            Schema = settings.Required(AetherVariables.PostgresSchema),
            Username = settings.Required(AetherVariables.PostgresUsername),
            Password = settings.Required(AetherVariables.PostgresPassword),
            NextPassword = settings.Optional(AetherVariables.PostgresNextPassword),
            SslMode = settings.Choice(AetherVariables.PostgresSslMode, SslMode.Prefer),
            RootCertificate = settings.Certificates(AetherVariables.PostgresRootCertificate),
            Client = settings.Client(AetherVariables.PostgresClientCertificate, AetherVariables.PostgresClientKey),
            PreparedStatements = settings.Choice(
                AetherVariables.PostgresPreparedStatements, PreparedStatements.Auto),
        };
    }

    /// <summary>The same with the two passwords exchanged; null if there is but one.</summary>
    internal PostgresConnectionOptions? WithOtherPassword() =>
        NextPassword is { } next ? this with { Password = next, NextPassword = Password } : null;

    /// <summary>Whether both lead to the same database by the same address.</summary>
    internal bool IsSamePlace(PostgresConnectionOptions other) =>
        (Host, Port, Hosts, Database) == (other.Host, other.Port, other.Hosts, other.Database);

    /// <summary>Where the server is, or the servers are, for messages.</summary>
    internal string Address => Hosts ?? $"{Host}:{Port}";

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"{Username}@{Address}/{Database} schema {Schema}, SslMode {SslMode}");
        return true;
    }
}
