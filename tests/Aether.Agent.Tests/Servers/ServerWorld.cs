using Aether.Agent.Settings;
using Aether.Agent.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Npgsql;

namespace Aether.Agent.Tests.Servers;

/// <summary>PostgreSQL and nats-server with one world, created as the operator does.</summary>
/// <param name="certificate">Certificate of both servers; null: no TLS.</param>
/// <param name="natsSettings">Lines to add to the configuration of nats-server.</param>
/// <param name="client">Certificate to present to nats-server if it requires one.</param>
public sealed class ServerWorld(
    ServerCertificate? certificate = null, string natsSettings = "", ClientFiles? client = null) : IAsyncLifetime
{
    private const string World = "economy";
    private const string Namespace = "tests";

    private static readonly string[] StorePrefixes = ["AETHER_POSTGRES_", "AETHER_REDIS_", "AETHER_NATS_"];

    private readonly WorldNames _names = WorldNames.For(Namespace, World);
    private readonly string _password = Secrets.NewPassword();
    private readonly string _uid = Guid.NewGuid().ToString();

    // If clients need a certificate, only those of the world's role do: the tests' own statements come without one.
    public PostgresServer Postgres { get; } = new(new PostgresServerOptions
    {
        Certificate = certificate,
        Access = certificate?.ClientAuthority is null ? null :
        [
            "host all postgres all scram-sha-256",
            "hostssl all all all scram-sha-256 clientcert=verify-full",
        ],
    });

    public NatsServer Nats { get; } = new(configuration: null, certificate, natsSettings);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(Postgres.StartAsync(Cancellation), Nats.StartAsync(Cancellation));
        await WorldSchema.CreateAsync(Postgres.AdminConnectionString, _names, _password);
        await using var nats = new NatsConnection(new NatsOpts
        {
            Url = Nats.Url,
            AuthOpts = new NatsAuthOpts { Username = Nats.AdminUsername, Password = Nats.AdminPassword },
            TlsOpts = new NatsTlsOpts
            {
                InsecureSkipVerify = true,
                ConfigureClientAuthentication = StoreTls.Callback(
                    authorities: null,
                    client is null ? null : ClientCertificate.Parse(client.Certificate, client.Key)),
            },
        });
        var jetStream = new NatsJSContext(nats);
        await jetStream.CreateStreamAsync(
            new StreamConfig(_names.JournalStream, [$"{_names.SubjectPrefix}journal"])
            {
                Discard = StreamConfigDiscard.New,
            },
            Cancellation);
        await jetStream.CreateStreamAsync(
            new StreamConfig(
                _names.EventStream, [$"{_names.SubjectPrefix}events.>", $"{_names.SubjectPrefix}epoch"]),
            Cancellation);
    }

    /// <summary>The world's role in PostgreSQL, for which its client certificates must be issued.</summary>
    internal string Role => _names.Role;

    /// <summary>The settings that put the journal into JetStream.</summary>
    internal (string Name, string Value)[] JetStreamJournal =>
    [
        (AetherVariables.WalJournal, "JetStream"), (AetherVariables.NatsJournalStream, _names.JournalStream),
    ];

    /// <summary>Starts an agent of this world, its volume and sockets in <paramref name="folder"/>.</summary>
    internal Task<AgentProcess> StartAgentAsync(
        TemporaryFolder folder, string holder, params (string Name, string Value)[] more) =>
        AgentProcess.StartAsync(folder.Path, [], Settings(folder, holder, more));

    /// <summary>
    /// Starts an agent that reads how to reach the stores only from a mounted Secret, and other settings from its
    /// environment.
    /// </summary>
    internal async Task<(AgentProcess Agent, MountedSecret Secret)> StartAgentWithSecretAsync(
        TemporaryFolder folder, string holder, params (string Name, string Value)[] more)
    {
        var settings = Settings(folder, holder, more);
        var isOfStore = settings.ToLookup(setting => StorePrefixes.Any(
            prefix => setting.Key.StartsWith(prefix, StringComparison.Ordinal)));
        var secret = new MountedSecret(isOfStore[true].ToDictionary(setting => setting.Key, setting => setting.Value));
        var environment = isOfStore[false].ToDictionary(setting => setting.Key, setting => setting.Value);
        environment[AetherVariables.ConfigDirectory] = secret.Folder;
        return (await AgentProcess.StartAsync(folder.Path, [], environment), secret);
    }

    /// <summary>Gives the world's role another password.</summary>
    internal async Task SetPasswordAsync(string password)
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await ExecuteAsync(admin, $"ALTER ROLE \"{_names.Role}\" PASSWORD '{password}'");
    }

    /// <summary>Ends the sessions of the world's role, so that its agents have to log in again.</summary>
    internal async Task EndSessionsAsync()
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await ExecuteAsync(
            admin, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{_names.Role}'");
    }

    /// <summary>Runs a statement as the administrator; <c>{schema}</c> is replaced by the world's schema.</summary>
    internal async Task ExecuteAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await ExecuteAsync(admin, sql.Replace("{schema}", $"\"{_names.Schema}\"", StringComparison.Ordinal));
    }

    /// <summary>The newest report in PostgreSQL; null: there is none.</summary>
    internal async Task<byte[]?> ReadReportAsync()
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"SELECT report FROM \"{_names.Schema}\".agent_reports ORDER BY sent_at DESC LIMIT 1");
        return (byte[]?)await command.ExecuteScalarAsync(Cancellation);
    }

    /// <summary>As the other overload, in a namespace with mounts of its own.</summary>
    internal Task<AgentProcess> StartAgentAsync(
        TemporaryFolder folder, string holder, MountNamespace inside, params (string Name, string Value)[] more) =>
        AgentProcess.StartAsync(folder.Path, [], Settings(folder, holder, more), inside);

    /// <summary>Starts an agent in this process, with the test's own clock.</summary>
    internal Task<LocalAgent> StartAgentAsync(
        TemporaryFolder folder, string holder, TimeProvider clock, params (string Name, string Value)[] more)
    {
        var settings = Settings(folder, holder, more);
        return LocalAgent.StartAsync(
            AgentOptionsReader.Read(name => settings.GetValueOrDefault(name), localDirectory: null), clock);
    }

    /// <summary>First commit, last commit and epoch of each block in PostgreSQL's journal, in order.</summary>
    public async Task<IReadOnlyList<(ulong First, ulong Last, ulong Epoch)>> ReadJournalAsync()
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"SELECT first_sequence, last_sequence, epoch FROM \"{_names.Schema}\".journal_blocks ORDER BY 1");
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        var blocks = new List<(ulong, ulong, ulong)>();
        while (await rows.ReadAsync(Cancellation))
            blocks.Add(((ulong)rows.GetInt64(0), (ulong)rows.GetInt64(1), (ulong)rows.GetInt64(2)));
        return blocks;
    }

    /// <summary>
    /// What a reader by SQL sees of the critical keys: the commit that the table has reached, the journal's last
    /// commit, and the rows.
    /// </summary>
    public async Task<(ulong Sequence, ulong End, IReadOnlyList<CriticalRow> Rows)> ReadCriticalAsync()
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"""
            SELECT w.projected_sequence, w.journal_last_sequence, c.kind, c.id, c.version, c.value
            FROM "{_names.Schema}".world AS w LEFT JOIN "{_names.Schema}".critical_state AS c ON true
            ORDER BY c.kind, c.id
            """);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var (sequence, end, rows) = (0UL, 0UL, new List<CriticalRow>());
        while (await reader.ReadAsync(Cancellation))
        {
            (sequence, end) = ((ulong)reader.GetInt64(0), (ulong)reader.GetInt64(1));
            if (!reader.IsDBNull(2))
                rows.Add(new CriticalRow(
                    reader.GetString(2),
                    reader.GetString(3),
                    (ulong)reader.GetInt64(4),
                    Convert.ToHexString(reader.GetFieldValue<byte[]>(5))));
        }

        return (sequence, end, rows);
    }

    /// <summary>
    /// Simulates a jump of PostgreSQL's clock, which affects only the lease: the lease has expired, or lasts that much
    /// longer. The server keeps the machine's clock. Returns the world's epoch.
    /// </summary>
    public async Task<long> JumpAsync(TimeSpan forward)
    {
        await using var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString);
        await using var command = admin.CreateCommand(
            $"UPDATE \"{_names.Schema}\".world SET lease_expires_at = lease_expires_at - $1 RETURNING epoch");
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = forward });
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Whether a text contains a password of the agent.</summary>
    public bool HoldsSecret(string text) =>
        text.Contains(_password, StringComparison.Ordinal)
        || text.Contains(Nats.AdminPassword, StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await Postgres.DisposeAsync();
        await Nats.DisposeAsync();
    }

    private Dictionary<string, string> Settings(
        TemporaryFolder folder, string holder, IEnumerable<(string Name, string Value)> more)
    {
        var settings = Settings(folder, holder);
        foreach (var (name, value) in more)
            settings[name] = value;
        return settings;
    }

    private Dictionary<string, string> Settings(TemporaryFolder folder, string holder) => new()
    {
        [AetherVariables.WorldName] = World,
        [AetherVariables.WorldNamespace] = Namespace,
        [AetherVariables.WorldUid] = _uid,
        [AetherVariables.Holder] = holder,
        [AetherVariables.Socket] = folder.File("agent.sock"),
        [AetherVariables.HttpSocket] = folder.File("http.sock"),
        [AetherVariables.HealthAddress] = "127.0.0.1:0",
        [AetherVariables.WalDirectory] = folder.Subfolder("volume"),
        [AetherVariables.CriticalKinds] = "vault=High",
        [AetherVariables.PostgresHost] = Postgres.Host,
        [AetherVariables.PostgresPort] = $"{Postgres.Port}",
        [AetherVariables.PostgresDatabase] = Postgres.Database,
        [AetherVariables.PostgresSchema] = _names.Schema,
        [AetherVariables.PostgresUsername] = _names.Role,
        [AetherVariables.PostgresPassword] = _password,
        [AetherVariables.PostgresSslMode] = "Disable",
        [AetherVariables.NatsUrl] = Nats.Url,
        [AetherVariables.NatsUsername] = Nats.AdminUsername,
        [AetherVariables.NatsPassword] = Nats.AdminPassword,
        [AetherVariables.NatsEventStream] = _names.EventStream,
        [AetherVariables.NatsSubjectPrefix] = _names.SubjectPrefix,
    };

    private static async Task ExecuteAsync(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
