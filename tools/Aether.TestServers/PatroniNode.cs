using System.Globalization;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>
/// A PostgreSQL that patroni starts, watches and promotes. Both run in their own process namespace, so that
/// <see cref="TestServer.KillAsync"/> ends them at once, like the loss of a machine.
/// </summary>
/// <param name="name">Name of the node in its cluster.</param>
/// <param name="etcd">The etcd by which the nodes agree on the primary.</param>
/// <param name="passwords">The passwords shared by all nodes of the cluster.</param>
public sealed class PatroniNode(string name, EtcdServer etcd, PatroniPasswords passwords) : TestServer("patroni")
{
    private const string Package = "patroni";

    private readonly int _apiPort = FreePort.Next();

    // PostgreSQL refuses to run as root.
    private readonly UnixUser? _user = Environment.IsPrivilegedProcess ? UnixUser.FirstOf("postgres", "nobody") : null;

    /// <summary>Name of the node in its cluster.</summary>
    public string Name => name;

    /// <summary>Npgsql connection string of the superuser.</summary>
    public string AdminConnectionString =>
        $"Host={Host};Port={Port};Database=postgres;Username=postgres;Password={passwords.Superuser}";

    private string ConfigurationFile => Path.Combine(Folder, "patroni.yml");

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_user is { } user)
            await ProcessHost.RunAsync(
                Spec("chown", Binary.Find("chown", "coreutils"), [$"{user.Uid}:{user.Gid}", Folder]),
                cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe()
    {
        File.WriteAllText(ConfigurationFile, Configuration());
        return Spec(
            "patroni",
            Binary.Find("unshare", "util-linux"),
            [.. Namespaces(), "--", .. AsUser(), Binary.Find("patroni", Package), ConfigurationFile]);
    }

    /// <inheritdoc />
    protected override bool IsReady(string line) =>
        line.Contains($"I am ({name}), the leader with the lock", StringComparison.Ordinal)
        || line.Contains($"I am ({name}), a secondary, and following a leader", StringComparison.Ordinal);

    private IEnumerable<string> Namespaces() => _user is null
        ? ["--user", "--map-current-user", "--pid", "--fork", "--mount-proc"]
        : ["--pid", "--fork", "--mount-proc"];

    // Set after the change of user, which would clear it. When unshare is killed, the namespace's first process then is
    // too.
    private IEnumerable<string> AsUser()
    {
        List<string> command = [Binary.Find("setpriv", "util-linux"), "--pdeathsig", "KILL"];
        if (_user is { } user)
            command.AddRange(
            [
                "--reuid=" + user.Uid.ToString(CultureInfo.InvariantCulture),
                "--regid=" + user.Gid.ToString(CultureInfo.InvariantCulture),
                "--clear-groups",
            ]);
        return [.. command, "--"];
    }

    // Patroni waits for ttl before it promotes another node, and demotes the primary if etcd is unavailable for longer.
    private string Configuration() => string.Create(CultureInfo.InvariantCulture, $$"""
        scope: aether
        name: {{name}}
        etcd3: {host: '{{etcd.Host}}:{{etcd.Port}}'}
        restapi: {listen: '{{Host}}:{{_apiPort}}', connect_address: '{{Host}}:{{_apiPort}}'}
        bootstrap:
          dcs: {ttl: 10, loop_wait: 1, retry_timeout: 3, synchronous_mode: true}
          initdb: [{encoding: UTF8}, {locale: C}, {auth: scram-sha-256}, no-sync]
          pg_hba:
            - host all all 127.0.0.1/32 scram-sha-256
            - host replication all 127.0.0.1/32 scram-sha-256
        postgresql:
          listen: '{{Host}}:{{Port}}'
          connect_address: '{{Host}}:{{Port}}'
          data_dir: {{Folder}}/data
          bin_dir: {{Path.GetDirectoryName(PostgresServer.FindProgram("postgres"))}}
          pgpass: {{Folder}}/pgpass
          parameters: {unix_socket_directories: '', shared_buffers: 32MB, dynamic_shared_memory_type: mmap}
          authentication:
            superuser: {username: postgres, password: '{{passwords.Superuser}}'}
            replication: {username: replicator, password: '{{passwords.Replication}}'}

        """);

    private ProcessSpec Spec(string program, string file, IReadOnlyList<string> arguments) => new()
    {
        Name = program,
        FileName = file,
        Arguments = arguments,
        WorkingDirectory = Folder,
        LogDirectory = Folder,
        Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" },
    };
}
