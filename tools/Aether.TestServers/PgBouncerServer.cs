using System.Globalization;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>
/// PgBouncer in front of a PostgreSQL of this machine, for all of its roles, with so few server sessions that its
/// clients share them if the mode allows that.
/// </summary>
/// <param name="server">The server behind it.</param>
/// <param name="mode">Its pool_mode: session, transaction or statement.</param>
/// <param name="settings">More lines for the section [pgbouncer].</param>
public sealed class PgBouncerServer(PostgresServer server, string mode, string settings = "")
    : TestServer("pgbouncer")
{
    // PgBouncer refuses to run as root.
    private readonly UnixUser? _user = Environment.IsPrivilegedProcess ? UnixUser.FirstOf("postgres", "nobody") : null;

    /// <summary>Port to connect to, if another address than the server's own leads to the server.</summary>
    public int ServerPort { get; init; } = server.Port;

    /// <summary>Its log file.</summary>
    public string LogFile => Path.Combine(Folder, "pgbouncer.err.log");

    /// <summary>The superuser's connection string through PgBouncer.</summary>
    public string AdminConnectionString =>
        $"Host={Host};Port={Port};Database={server.Database};Username={server.AdminUsername};"
        + $"Password={server.AdminPassword};No Reset On Close=true";

    private string ConfigurationFile => Path.Combine(Folder, "pgbouncer.ini");

    private string UserFile => Path.Combine(Folder, "users.txt");

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            UserFile, $"\"{server.AdminUsername}\" \"{server.AdminPassword}\"\n", cancellationToken);
        if (_user is not { } user)
            return;
        await ProcessHost.RunAsync(
            Spec("chown", "coreutils", ["-R", $"{user.Uid}:{user.Gid}", Folder], null), cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe()
    {
        File.WriteAllText(ConfigurationFile, Configuration());
        return Spec("pgbouncer", "pgbouncer", [ConfigurationFile], _user);
    }

    /// <inheritdoc />
    protected override bool IsReady(string line) => line.Contains("process up", StringComparison.Ordinal);

    private string Configuration() =>
        $"""
        [databases]
        * = host={server.Host} port={ServerPort.ToString(CultureInfo.InvariantCulture)}
        [pgbouncer]
        listen_addr = {Host}
        listen_port = {Port.ToString(CultureInfo.InvariantCulture)}
        unix_socket_dir =
        auth_type = scram-sha-256
        auth_file = {UserFile}
        auth_user = {server.AdminUsername}
        pool_mode = {mode}
        default_pool_size = {(mode == "session" ? 20 : 2)}
        {settings}

        """;

    private ProcessSpec Spec(string name, string package, IReadOnlyList<string> arguments, UnixUser? user) => new()
    {
        Name = name,
        FileName = Binary.Find(name, package, "/usr/sbin"),
        Arguments = arguments,
        WorkingDirectory = Folder,
        LogDirectory = Folder,
        User = user,
    };
}
