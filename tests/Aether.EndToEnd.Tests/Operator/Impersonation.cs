using Aether.EndToEnd.Tests.Support;
using k8s;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Sends requests to the API server as another user, which the administrator may do.</summary>
internal sealed class Impersonation(string user) : DelegatingHandler
{
    /// <summary>A client that acts as <paramref name="user"/>.</summary>
    public static Kubernetes As(TestBed bed, string user) => new(
        KubernetesClientConfiguration.BuildConfigFromConfigFile(bed.Cluster.ApiServer.AdminKubeconfig),
        new Impersonation(user));

    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add("Impersonate-User", user);
        return base.SendAsync(request, cancellationToken);
    }
}
