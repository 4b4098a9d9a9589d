using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aether.TestServers.Certificates;
using Aether.TestServers.Kubernetes;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>
/// A Kubernetes API server with CRDs, admission webhooks and RBAC: kube-apiserver if envtest's folder has it, else this
/// repository's own server. Its certificate and tokens survive restarts.
/// </summary>
/// <param name="etcd">Stores its objects; must be running.</param>
/// <param name="serviceAccounts">Accounts that can log in; RBAC decides what they may do.</param>
public sealed class ApiServer(EtcdServer etcd, params IReadOnlyList<ServiceAccountName> serviceAccounts)
    : TestServer("apiserver")
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<ServiceAccountName, string> _tokens =
        serviceAccounts.ToDictionary(account => account, _ => Secrets.NewPassword());

    private string _program = "";
    private string? _authority;

    /// <summary>URL for clients, which trust <see cref="Authority"/>.</summary>
    public string Url => $"https://{Host}:{Port}";

    /// <summary>The authority of its certificate, as PEM.</summary>
    public string Authority => _authority ?? throw new InvalidOperationException("Start it first.");

    /// <summary>Bearer token of the administrator, who is in group <c>system:masters</c>.</summary>
    public string AdminToken { get; } = Secrets.NewPassword();

    /// <summary>Kubeconfig of the administrator.</summary>
    public string AdminKubeconfig => Path.Combine(Folder, "admin.kubeconfig");

    /// <summary>Each finished request as a line of JSON (<c>audit.k8s.io/v1</c> Event, level Metadata).</summary>
    public string AuditLog => Path.Combine(Folder, "audit.log");

    private CertificateFiles Certificate => CertificateFiles.In(Folder);

    private string TokenFile => Path.Combine(Folder, "tokens.csv");

    private string AuditPolicy => Path.Combine(Folder, "audit-policy.yaml");

    private string AccountKey => Path.Combine(Folder, "service-accounts.key");

    /// <summary>Kubeconfig of one of the server's service accounts.</summary>
    public string KubeconfigOf(ServiceAccountName account) =>
        Path.Combine(Folder, $"{account.Namespace}.{account.Name}.kubeconfig");

    /// <inheritdoc />
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _program = KubernetesBinaries.KubeApiServer
            ?? await KubernetesBinaries.BuildOwnAsync(Folder, cancellationToken);
        using var authority = new TestAuthority();
        await authority.Issue().WriteAsync(Folder, cancellationToken);
        _authority = authority.Pem;
        using var key = RSA.Create(2048);
        await File.WriteAllTextAsync(AccountKey, key.ExportPkcs8PrivateKeyPem(), cancellationToken);
        await File.WriteAllLinesAsync(TokenFile, TokenLines(), cancellationToken);
        await File.WriteAllTextAsync(AuditPolicy, AuditPolicyText, cancellationToken);
    }

    /// <inheritdoc />
    protected override ProcessSpec Describe() => new()
    {
        Name = "apiserver",
        FileName = _program,
        Arguments =
        [
            "--etcd-servers", etcd.Url,
            "--bind-address", Host,
            "--secure-port", Port.ToString(CultureInfo.InvariantCulture),
            "--tls-cert-file", Certificate.Certificate,
            "--tls-private-key-file", Certificate.Key,
            "--token-auth-file", TokenFile,
            "--audit-policy-file", AuditPolicy,
            "--audit-log-path", AuditLog,
            .. KubernetesBinaries.KubeApiServer is null ? [] : KubeApiServerArguments(),
        ],
        WorkingDirectory = Folder,
        LogDirectory = Folder,
    };

    /// <inheritdoc />
    protected override bool IsReady(string line) => line.Contains("Serving securely on", StringComparison.Ordinal);

    /// <inheritdoc />
    protected override async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ReadyTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509Certificate2.CreateFromPem(Authority) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
        while (!await IsReadyAsync(client, either.Token))
            await Task.Delay(ReadyPoll, TimeProvider.System, either.Token);

        await WriteKubeconfigAsync(AdminKubeconfig, "admin", AdminToken, cancellationToken);
        foreach (var (account, token) in _tokens)
            await WriteKubeconfigAsync(KubeconfigOf(account), account.Name, token, cancellationToken);
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // No controller of Kubernetes runs here that would give pods their default account.
    private IReadOnlyList<string> KubeApiServerArguments() =>
    [
        "--authorization-mode", "RBAC",
        "--disable-admission-plugins", "ServiceAccount",
        "--allow-privileged=true",
        "--service-cluster-ip-range", "10.0.0.0/24",
        "--service-account-issuer", "https://kubernetes.default.svc",
        "--service-account-key-file", AccountKey,
        "--service-account-signing-key-file", AccountKey,
        "--cert-dir", Folder,
    ];

    private IEnumerable<string> TokenLines() =>
        _tokens.Select(pair => $"{pair.Value},{pair.Key.UserName},{pair.Key.UserName},\"{pair.Key.Groups}\"")
            .Prepend($"{AdminToken},admin,admin,\"system:masters\"");

    private Task WriteKubeconfigAsync(string file, string user, string token, CancellationToken cancellationToken)
    {
        var authority = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Authority));
        return File.WriteAllTextAsync(
            file,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster:
                server: {{Url}}
                certificate-authority-data: {{authority}}
            users:
            - name: {{user}}
              user:
                token: {{token}}
            contexts:
            - name: test
              context:
                cluster: test
                user: {{user}}

            """,
            cancellationToken);
    }

    private const string AuditPolicyText =
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules: [{level: Metadata}]

        """;
}
