using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace Aether.Operator.Tests;

public sealed class OperatorEndpointsTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>, IAsyncLifetime
{
    private HttpClient _client = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var configuration = await cluster.Admin.ReadMutatingWebhookConfigurationAsync(
            "aether-operator", cancellationToken: Cancelled);
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(configuration.Webhooks[0].ClientConfig.CaBundle));
        _client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = trust,
                // The certificate is for the Service's names, which do not resolve here.
                RemoteCertificateValidationCallback = (_, _, _, errors) =>
                    (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            },
        });
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task Health_and_metrics_are_served_only_without_TLS_under_any_host_name(string path)
    {
        var plain = await AskAsync(HttpMethod.Get, new Uri(cluster.Health, path), host: null);
        var forwarded = await AskAsync(HttpMethod.Get, new Uri(cluster.Health, path), host: "operator.example:9000");
        var secure = await AskAsync(HttpMethod.Get, new Uri(cluster.Webhook, path), host: cluster.Health.Authority);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (plain, forwarded));
        Assert.Equal(HttpStatusCode.NotFound, secure);
    }

    [Fact]
    public async Task Webhook_is_served_only_over_TLS_under_any_host_name()
    {
        const string path = "/inject-pods";

        var secure = await AskAsync(HttpMethod.Post, new Uri(cluster.Webhook, path), host: null);
        var service = await AskAsync(
            HttpMethod.Post, new Uri(cluster.Webhook, path), host: "aether-operator-webhook.aether-system.svc");
        var plain = await AskAsync(HttpMethod.Post, new Uri(cluster.Health, path), host: cluster.Webhook.Authority);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (secure, service));
        Assert.Equal(HttpStatusCode.NotFound, plain);
    }

    private async Task<HttpStatusCode> AskAsync(HttpMethod method, Uri address, string? host)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Host = host;
        if (method == HttpMethod.Post)
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request, Cancelled);
        return response.StatusCode;
    }
}
