using System.Globalization;
using Aether.TestServers.Certificates;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>nats-server with JetStream; by default with one user that may do everything.</summary>
public sealed class NatsServer : TestServer
{
    private static readonly string[] NoMore = [];

    private readonly string? _configuration;
    private readonly string _more;
    private readonly ServerCertificate? _certificate;
    private readonly NatsOperator? _operator;

    /// <summary>A server of users and passwords.</summary>
    /// <param name="configuration">
    /// Text of a configuration file, to be used instead of the one user. Address, port and JetStream's folder are given
    /// on the command line.
    /// </param>
    /// <param name="certificate">What it speaks TLS with, and then nothing else; null: no TLS.</param>
    /// <param name="more">Lines to add to the configuration of the one user.</param>
    public NatsServer(string? configuration = null, ServerCertificate? certificate = null, string more = "")
        : base("nats")
    {
        _more = more;
        _configuration = configuration;
        _certificate = certificate;
    }

    /// <summary>A server in operator mode; it has looked up the operator's account when it is started.</summary>
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

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(ConfigurationFile, _configuration ?? DefaultConfiguration(), cancellationToken);
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
            .. HasJetStream ? ["--jetstream", "--store_dir", Path.Combine(Folder, "jetstream")] : NoMore,
            .. _certificate is null ? [] : Tls(_certificate, CertificateFiles.In(Folder)),
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

    private string ConfigurationFile => Path.Combine(Folder, "nats.conf");

    private static string[] Tls(ServerCertificate certificate, CertificateFiles files) =>
    [
        "--tls", "--tlscert", files.Certificate, "--tlskey", files.Key,
        .. certificate.ClientAuthority is null
            ? (string[])[]
            : ["--tlsverify", "--tlscacert", files.ClientAuthority],
    ];

    private string DefaultConfiguration() =>
        $$"""
        jetstream { max_memory_store: 1GB, max_file_store: 64GB }
        authorization { user: "{{AdminUsername}}", password: "{{AdminPassword}}", timeout: 30 }
        {{_more}}

        """;
}
