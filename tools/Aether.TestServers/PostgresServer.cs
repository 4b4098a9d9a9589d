using System.Globalization;
using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>
/// PostgreSQL, with fsync on as in production, passwords checked by SCRAM, and pg_stat_statements loaded if the machine
/// has it.
/// </summary>
public sealed class PostgresServer(PostgresServerOptions? options = null) : TestServer("postgres")
{
    private const string Package = "postgresql";
    private static readonly TimeSpan LastChildTimeout = TimeSpan.FromSeconds(10);

    private readonly PostgresServerOptions _options = options ?? new PostgresServerOptions();

    // PostgreSQL refuses to run as root.
    private readonly UnixUser? _user = Environment.IsPrivilegedProcess ? UnixUser.FirstOf("postgres", "nobody") : null;

    /// <summary>Name of the superuser.</summary>
    public string AdminUsername { get; } = "postgres";

    /// <summary>Password of the superuser.</summary>
    public string AdminPassword { get; } = options?.StandbyOf?.AdminPassword ?? Secrets.NewPassword();

    /// <summary>Name of the database.</summary>
    public string Database { get; } = "postgres";

    /// <summary>Npgsql connection string of the superuser.</summary>
    public string AdminConnectionString =>
        $"Host={Host};Port={Port};Database={Database};Username={AdminUsername};Password={AdminPassword}";

    /// <summary>
    /// PostgreSQL's log, with the statements that <see cref="PostgresServerOptions.LogStatement"/> asks for.
    /// </summary>
    public string LogFile => Path.Combine(Folder, "postgres.err.log");

    /// <summary>Fast shutdown: the server ends open sessions instead of waiting for them.</summary>
    protected override UnixSignal StopSignal => UnixSignal.Interrupt;

    private string DataDirectory => Path.Combine(Folder, "data");

    /// <summary>
    /// Freezes the server with all its sessions: connections stay open, nothing is answered, and no new connection is
    /// possible.
    /// </summary>
    public void FreezeSessions() => SendToAll(UnixSignal.Stop);

    /// <summary>Freezes the process that syncs asynchronous commits, until the server is killed.</summary>
    public void FreezeWalWriter() => ProcessHost.SendTo(
        Children(Process!.Id).Single(child => CommandLine(child).Contains("walwriter", StringComparison.Ordinal)),
        UnixSignal.Stop);

    /// <summary>Resumes server and sessions.</summary>
    public void ThawSessions() => SendToAll(UnixSignal.Continue);

    /// <summary>Presents another certificate from the next connection on; open connections keep theirs.</summary>
    public async Task UseCertificateAsync(ServerCertificate certificate, CancellationToken cancellationToken)
    {
        await WriteAsync(certificate, cancellationToken);
        var reloaded = Process!.WaitForNextLineAsync(
            line => line.Contains("reloading configuration files", StringComparison.Ordinal),
            ClientPatience, cancellationToken);
        Process.Send(UnixSignal.Hangup);
        await reloaded;
    }

    /// <inheritdoc />
    public override async Task KillAsync()
    {
        var children = IsRunning ? Children(Process!.Id) : [];
        await base.KillAsync();
        foreach (var child in children)
            ProcessHost.SendTo(child, UnixSignal.Kill);

        // A new postmaster refuses to start while a child of the old one still uses the shared memory.
        using var deadline = new CancellationTokenSource(LastChildTimeout, TimeProvider.System);
        while (children.Any(IsAlive))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
    }

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_options.StandbyOf is { } primary)
            await CopyAsync(primary, cancellationToken);
        else
            await InitializeAsync(cancellationToken);
        if (_options.Certificate is { } certificate)
            await WriteAsync(certificate, cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe() =>
        Spec("postgres", FindProgram("postgres"), _user, ["-D", DataDirectory, .. Settings().SelectMany(Setting)]);

    /// <inheritdoc />
    protected override bool IsReady(string line) =>
        line.Contains("database system is ready to accept", StringComparison.Ordinal);

    /// <summary>Path of one of PostgreSQL's programs.</summary>
    internal static string FindProgram(string name) => Find(name, Package);

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(Folder, "password");
        await File.WriteAllTextAsync(passwordFile, AdminPassword + "\n", cancellationToken);
        if (_user is { } user)
        {
            await RunAsync(
                "chown", "coreutils", null, [$"{user.Uid}:{user.Gid}", Folder, passwordFile], cancellationToken);
        }

        await RunAsync(
            "initdb",
            Package,
            _user,
            [
                "--no-sync", "--locale=C", "--encoding=UTF8", "--auth=scram-sha-256", "--username", AdminUsername,
                "--pwfile", passwordFile, "--pgdata", DataDirectory,
            ],
            cancellationToken);
        File.Delete(passwordFile);
        if (_options.Access is { } access)
            await File.WriteAllLinesAsync(Path.Combine(DataDirectory, "pg_hba.conf"), access, cancellationToken);
    }

    private async Task CopyAsync(PostgresServer primary, CancellationToken cancellationToken)
    {
        if (_user is { } user)
            await RunAsync("chown", "coreutils", null, [$"{user.Uid}:{user.Gid}", Folder], cancellationToken);
        await RunAsync(
            "pg_basebackup",
            Package,
            _user,
            [
                "--dbname",
                $"host={primary.Host} port={primary.Port} user={primary.AdminUsername} "
                    + $"password={primary.AdminPassword}",
                "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--pgdata", DataDirectory,
            ],
            cancellationToken);
    }

    // PostgreSQL refuses a key file that other users can read.
    private async Task WriteAsync(ServerCertificate certificate, CancellationToken cancellationToken)
    {
        var files = await certificate.WriteAsync(Folder, cancellationToken);
        await RunAsync("chmod", "coreutils", null, ["600", files.Key], cancellationToken);
        if (_user is { } user)
            await RunAsync("chown", "coreutils", null, [$"{user.Uid}:{user.Gid}", files.Key], cancellationToken);
    }

    private static IReadOnlyList<string> Setting(KeyValuePair<string, string> setting) =>
        ["-c", $"{setting.Key}={setting.Value}"];

    private static string Find(string name, string package) => Binary.Find(name, package, ServerFolders());

    private static IEnumerable<string> ServerFolders()
    {
        const string root = "/usr/lib/postgresql";
        return Directory.Exists(root)
            ? Directory.GetDirectories(root).OrderDescending(StringComparer.Ordinal).Select(version => version + "/bin")
            : [];
    }

    private static int[] Children(int processId) =>
        [.. File.ReadAllText($"/proc/{processId}/task/{processId}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    // If no process reaps orphans, a killed child stays as a zombie, which has no command line.
    private static bool IsAlive(int processId) => CommandLine(processId).Length > 0;

    private static string CommandLine(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private void SendToAll(UnixSignal signal)
    {
        if (Process is not { IsRunning: true } process)
            return;
        process.Send(signal);
        foreach (var child in Children(process.Id))
            ProcessHost.SendTo(child, signal);
    }

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["listen_addresses"] = Host,
            ["unix_socket_directories"] = "",
            ["shared_buffers"] = "32MB",
            // In the server's own folder, which is deleted with it, even after a kill.
            ["dynamic_shared_memory_type"] = "mmap",
            ["max_connections"] = _options.MaxConnections.ToString(CultureInfo.InvariantCulture),
            ["log_statement"] = _options.LogStatement,
            ["log_min_messages"] = "log",
            ["password_encryption"] = "scram-sha-256",
        };
        if (HasStatementStatistics())
            settings["shared_preload_libraries"] = "pg_stat_statements";
        if (_options.Certificate is not null)
        {
            settings["ssl"] = "on";
            settings["ssl_cert_file"] = CertificateFiles.In(Folder).Certificate;
            settings["ssl_key_file"] = CertificateFiles.In(Folder).Key;
            if (_options.Certificate.ClientAuthority is not null)
                settings["ssl_ca_file"] = CertificateFiles.In(Folder).ClientAuthority;
        }

        foreach (var (name, value) in _options.Settings)
            settings[name] = value;
        return settings;
    }

    private static bool HasStatementStatistics() =>
        File.Exists(Path.Combine(Path.GetDirectoryName(FindProgram("postgres"))!, "../lib/pg_stat_statements.so"));

    private async Task RunAsync(
        string name,
        string package,
        UnixUser? user,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken) =>
        await ProcessHost.RunAsync(Spec(name, Find(name, package), user, arguments), cancellationToken);

    private ProcessSpec Spec(string name, string file, UnixUser? user, IReadOnlyList<string> arguments) => new()
    {
        Name = name,
        FileName = file,
        Arguments = arguments,
        WorkingDirectory = Folder,
        LogDirectory = Folder,
        User = user,
        Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" },
    };
}
