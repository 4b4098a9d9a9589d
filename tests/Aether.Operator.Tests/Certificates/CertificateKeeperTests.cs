using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Certificates;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.Certificates;

/// <summary>Secrets and webhook configurations on a real API server; only the clock is a fake.</summary>
public sealed class CertificateKeeperTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_that_start_together_all_serve_the_certificate_that_one_of_them_wrote()
    {
        var options = await NewWebhookAsync("together");
        var keepers = Enumerable.Range(0, 5).Select(_ => Keeper(options)).ToList();

        await Task.WhenAll(keepers.Select(keeper => Task.Run(() => keeper.KeepAsync(Cancelled), Cancelled)));

        var secret = await SecretAsync(options);
        Assert.True(CertificateSecret.TryRead(secret, out var stored));
        Assert.All(keepers, keeper => Assert.Equal(stored.Serving.Thumbprint, keeper.Serving!.Thumbprint));
        Assert.Equal(stored.Bundle, await BundleAsync(options));
    }

    [Fact]
    public async Task Renewal_by_one_replica_is_adopted_by_the_other()
    {
        var options = await NewWebhookAsync("renewal");
        var (one, other) = (Keeper(options), Keeper(options));
        await one.KeepAsync(Cancelled);
        await other.KeepAsync(Cancelled);

        _clock.Advance(TimeSpan.FromDays(61));
        await one.KeepAsync(Cancelled);
        var written = (await SecretAsync(options)).Metadata.ResourceVersion;
        await other.KeepAsync(Cancelled);

        Assert.Equal(one.Serving!.Thumbprint, other.Serving!.Thumbprint);
        Assert.Equal(written, (await SecretAsync(options)).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Current_certificate_is_kept_without_a_write()
    {
        var options = await NewWebhookAsync("idle");
        var keeper = Keeper(options);
        await keeper.KeepAsync(Cancelled);
        var (secret, webhook) = ((await SecretAsync(options)).Metadata, (await WebhookAsync(options)).Metadata);

        _clock.Advance(TimeSpan.FromDays(1));
        var pause = await keeper.KeepAsync(Cancelled);

        Assert.Equal(options.CheckInterval, pause);
        Assert.Equal(secret.ResourceVersion, (await SecretAsync(options)).Metadata.ResourceVersion);
        Assert.Equal(webhook.ResourceVersion, (await WebhookAsync(options)).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_Secret_with_invalid_content_is_rewritten()
    {
        var options = await NewWebhookAsync("rubbish");
        await cluster.Objects.CreateAsync(
            new V1Secret
            {
                Metadata = new V1ObjectMeta { Name = options.Secret, NamespaceProperty = options.Namespace },
                Data = new Dictionary<string, byte[]> { ["tls.crt"] = [1], ["note"] = [2] },
            },
            Cancelled);

        await Keeper(options).KeepAsync(Cancelled);

        var secret = await SecretAsync(options);
        Assert.True(CertificateSecret.TryRead(secret, out _));
        Assert.Equal([2], secret.Data["note"]);
    }

    [Fact]
    public async Task Missing_webhook_configuration_does_not_prevent_serving()
    {
        var options = Options("absent");
        var keeper = Keeper(options);

        await keeper.KeepAsync(Cancelled);

        Assert.NotNull(keeper.Serving);
        Assert.True(keeper.IsReady);
    }

    [Fact]
    public async Task New_connections_trust_the_certificate_through_every_rotation_without_a_restart()
    {
        var options = await NewWebhookAsync("rotation");
        var keeper = Keeper(options);
        await keeper.KeepAsync(Cancelled);
        await using var app = await ServeAsync(keeper);
        var port = new Uri(app.Urls.Single()).Port;
        var seen = new HashSet<string>();

        for (var day = 0; day < 400; day += 10)
        {
            var bundle = await BundleAsync(options);
            _clock.Advance(TimeSpan.FromDays(10));
            await keeper.KeepAsync(Cancelled);

            seen.Add(await ConnectAsync(port, options.DnsNames[0], bundle));
            seen.Add(await ConnectAsync(port, options.DnsNames[0], await BundleAsync(options)));
        }

        Assert.InRange(seen.Count, 6, 8);
    }

    [Fact]
    public async Task Client_that_does_not_trust_the_bundle_does_not_connect()
    {
        var options = await NewWebhookAsync("stranger");
        var keeper = Keeper(options);
        await keeper.KeepAsync(Cancelled);
        await using var app = await ServeAsync(keeper);
        var stranger = Authority.Create(_clock.GetUtcNow(), TimeSpan.FromDays(1)).Certificate.ExportCertificatePem();

        await Assert.ThrowsAsync<System.Security.Authentication.AuthenticationException>(() => ConnectAsync(
            new Uri(app.Urls.Single()).Port, options.DnsNames[0], Encoding.ASCII.GetBytes(stranger)));
    }

    private static CertificateOptions Options(string name) => new()
    {
        Namespace = OperatorCluster.System,
        Secret = name,
        WebhookConfiguration = name,
    };

    private static async Task<WebApplication> ServeAsync(CertificateKeeper keeper)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<IServingCertificate>(keeper);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port: 0, listen => listen.UseServingCertificate()));
        var app = builder.Build();
        await app.StartAsync(Cancelled);
        return app;
    }

    private async Task<string> ConnectAsync(int port, string name, byte[] bundle)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancelled);
        await using var tls = new SslStream(socket.GetStream());
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTime = _clock.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(bundle));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = policy }, Cancelled);
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }

    private CertificateKeeper Keeper(CertificateOptions options) => new(
        cluster.Objects, new UnwatchedWebhooks(), options, _clock, NullLogger<CertificateKeeper>.Instance);

    private async Task<CertificateOptions> NewWebhookAsync(string name)
    {
        var options = Options(name);
        await cluster.Objects.CreateAsync(
            new V1MutatingWebhookConfiguration
            {
                Metadata = new V1ObjectMeta { Name = name },
                Webhooks =
                [
                    new V1MutatingWebhook
                    {
                        Name = "nothing.persistence.aether.dev",
                        AdmissionReviewVersions = ["v1"],
                        SideEffects = "None",
                        ClientConfig = new Admissionregistrationv1WebhookClientConfig
                        {
                            Service = new Admissionregistrationv1ServiceReference
                            {
                                Name = options.Service,
                                NamespaceProperty = options.Namespace,
                            },
                        },
                    },
                ],
            },
            Cancelled);
        return options;
    }

    private async Task<V1Secret> SecretAsync(CertificateOptions options) =>
        (await cluster.Objects.TryGetAsync<V1Secret>(new ObjectKey(options.Namespace, options.Secret), Cancelled))!;

    private async Task<V1MutatingWebhookConfiguration> WebhookAsync(CertificateOptions options) =>
        (await cluster.Objects.TryGetAsync<V1MutatingWebhookConfiguration>(
            new ObjectKey(null, options.WebhookConfiguration), Cancelled))!;

    private async Task<byte[]> BundleAsync(CertificateOptions options) =>
        (await WebhookAsync(options)).Webhooks[0].ClientConfig.CaBundle;
}
