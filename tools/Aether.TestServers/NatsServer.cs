using System.Globalization;
using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>nats-server with JetStream; by default with one user that has all permissions.</summary>
public sealed class NatsServer : TestServer
{
    private static readonly string[] NoMore = [];

    private readonly string? _configuration;
    private readonly string _more;
    private readonly ServerCertificate? _certificate;
    private readonly NatsOperator? _operator;

    /// <summary>Creates a server with users and passwords.</summary>
    /// <param name="configuration">
    /// Text of a configuration file that replaces the default user. Address, port and JetStream's folder are given on
    /// the command line.
    /// </param>
    /// <param name="certificate">
    /// Certificate for TLS, which is then required; null: no TLS. A configuration with its own TLS block names the
    /// files itself.
    /// </param>
    /// <param name="more">Lines to add to the default configuration.</param>
    public NatsServer(string? configuration = null, ServerCertificate? certificate = null, string more = "")
        : base("nats")
    {
        _more = more;
        _configuration = configuration;
        _certificate = certificate;
    }

    /// <summary>
    /// Creates a server in operator mode, which has loaded the operator's account when it has started.
    /// </summary>
    public NatsServer(NatsOperator trusted)
        : this(trusted.Configuration) => _operator = trusted;

    /// <summary>Name of the user, unless a configuration was given.</summary>
    public string AdminUsername { get; } = "admin";

    /// <summary>Password of <see cref="AdminUsername"/>.</summary>
    public string AdminPassword { get; } = Secrets.NewPassword();

    /// <summary>Whether it has JetStream.</summary>
    public bool HasJetStream { get; init; } = true;

    /// <summary>URL without credentials.</summary>
    public string Url => _certificate is null ? $"nats://{Host}:{Port}" : $"tls://{Host}:{Port}";

    /// <summary>Presents another certificate from the next connection on; open connections keep theirs.</summary>
    public async Task UseCertificateAsync(ServerCertificate certificate, CancellationToken cancellationToken)
    {
        await certificate.WriteAsync(Folder, cancellationToken);
        await ReloadAsync(_configuration ?? DefaultConfiguration(), cancellationToken);
    }

    /// <summary>Loads another configuration.</summary>
    public async Task ReloadAsync(string configuration, CancellationToken cancellationToken)
    {
        await WriteAsync(configuration, cancellationToken);
        var reloaded = Process!.WaitForNextLineAsync(
            line => line.Contains("Reloaded server configuration", StringComparison.Ordinal),
            ClientPatience, cancellationToken);
        Process.Send(UnixSignal.Hangup);
        await reloaded;
    }

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(_configuration ?? DefaultConfiguration(), cancellationToken);
        if (_certificate is not null)
            await _certificate.WriteAsync(Folder, cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe() => new()
    {
        Name = "nats",
        FileName = Binary.Find("nats-server", "nats-server"),
        Arguments =
        [
            "--config", ConfigurationFile,
            "--addr", Host,
            "--port", Port.ToString(CultureInfo.InvariantCulture),
            // The default configuration names the folder itself: a server that reloads its configuration requires it
            // there, and a server that starts accepts it in only one of the two places.
            .. HasJetStream && _configuration is not null ? ["--jetstream", "--store_dir", JetStreamFolder] : NoMore,
        ],
        WorkingDirectory = Folder,
        LogDirectory = Folder,
    };

    /// <inheritdoc />
    protected override bool IsReady(string line) => line.Contains("Server is ready", StringComparison.Ordinal);

    /// <inheritdoc />
    protected override Task ConfirmAsync(CancellationToken cancellationToken) => _operator is { } trusted
        ? NatsFirstClient.ComeAsync(Host, Port, trusted.AdminJwt, trusted.AdminSeed, cancellationToken)
        : Task.CompletedTask;

    private string JetStreamFolder => Path.Combine(Folder, "jetstream");

    private string ConfigurationFile => Path.Combine(Folder, "nats.conf");

    private Task WriteAsync(string configuration, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(ConfigurationFile, configuration + Tls(configuration), cancellationToken);

    // In the file, because a server that reloads its configuration keeps a certificate from the command line.
    private string Tls(string configuration)
    {
        var files = CertificateFiles.In(Folder);
        return _certificate is null || configuration.Contains("tls {", StringComparison.Ordinal) ? "" :
            $$"""

            tls {
              cert_file: "{{files.Certificate}}", key_file: "{{files.Key}}", timeout: 30
              {{(_certificate.ClientAuthority is null ? "" : $"ca_file: \"{files.ClientAuthority}\", verify: true")}}
            }

            """;
    }

    private string DefaultConfiguration() =>
        $$"""
        jetstream { max_memory_store: 1GB, max_file_store: 64GB, store_dir: "{{JetStreamFolder}}" }
        authorization { user: "{{AdminUsername}}", password: "{{AdminPassword}}", timeout: 30 }
        {{_more}}

        """;
}
