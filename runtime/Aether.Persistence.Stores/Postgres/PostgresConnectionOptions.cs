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
    /// Hosts with their ports, separated by commas, instead of <see cref="Host"/> and <see cref="Port"/>; the agent
    /// uses the host that matches <see cref="TargetSession"/>. Default: null, there is one host.
    /// </summary>
    public string? Hosts { get; init; }

    /// <summary>Which server to use if there are several. Default: Primary.</summary>
    public TargetSessionAttributes TargetSession { get; init; } = TargetSessionAttributes.Primary;

    /// <summary>Database.</summary>
    public required string Database { get; init; }

    /// <summary>Schema of the world.</summary>
    public required string Schema { get; init; }

    /// <summary>Login role of the world.</summary>
    public required string Username { get; init; }

    /// <summary>Password of the role; <c>ToString</c> omits it.</summary>
    public required string Password { get; init; }

    /// <summary>
    /// Password that is about to replace <see cref="Password"/>, for a login that the server refuses with the present
    /// one. Default: null, no rotation.
    /// </summary>
    public string? NextPassword { get; init; }

    /// <summary>Whether and how to use TLS. Default: Prefer.</summary>
    public SslMode SslMode { get; init; } = SslMode.Prefer;

    /// <summary>PEM text of the CAs to trust instead of the system's. Default: null, the system's.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>The certificate to present. Default: null, none.</summary>
    public ClientCertificate? Client { get; init; }

    /// <summary>Whether to use prepared statements. Default: Auto.</summary>
    public PreparedStatements PreparedStatements { get; init; }

    /// <summary>Name of the sessions on the server. Default: aether-agent.</summary>
    public string ApplicationName { get; init; } = "aether-agent";

    /// <summary>
    /// Most connections at once. Default: 6: lease, journal, a snapshot, a health check, and two to spare.
    /// </summary>
    public int MaxConnections { get; init; } = 6;

    /// <summary>
    /// How long a connection may be unused; at least as long as <see cref="PruningInterval"/>. One stays open. Default:
    /// 30 s.
    /// </summary>
    internal TimeSpan IdleLifetime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often unused connections are counted, and closed if there are too many. Default: 10 s.</summary>
    internal TimeSpan PruningInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time to open a connection or to wait for a free one. Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time that the server may be silent during a command. Default: 15 s.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads the <c>AETHER_POSTGRES_*</c> settings.</summary>
    /// <exception cref="InvalidStoreSettingException">A setting is missing or cannot be used.</exception>
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

    /// <summary>The same options with the two passwords exchanged; null if there is only one.</summary>
    internal PostgresConnectionOptions? WithOtherPassword() =>
        NextPassword is { } next ? this with { Password = next, NextPassword = Password } : null;

    /// <summary>Whether both lead to the same database at the same address.</summary>
    internal bool IsSamePlace(PostgresConnectionOptions other) =>
        (Host, Port, Hosts, Database) == (other.Host, other.Port, other.Hosts, other.Database);

    /// <summary>Address of the server or servers, for messages.</summary>
    internal string Address => Hosts ?? $"{Host}:{Port}";

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"{Username}@{Address}/{Database} schema {Schema}, SslMode {SslMode}");
        return true;
    }
}
