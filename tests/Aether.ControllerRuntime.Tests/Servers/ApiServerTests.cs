using Aether.TestServers;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.ControllerRuntime.Tests.Servers;

public sealed class ApiServerTests
{
    private static readonly ServiceAccountName Reader = new("default", "reader");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_continues_after_the_servers_were_killed_and_restarted()
    {
        await using var etcd = new EtcdServer();
        await etcd.StartAsync(Cancellation);
        await using var api = new ApiServer(etcd);
        await api.StartAsync(Cancellation);
        using var client = Connect(api.AdminKubeconfig);
        await client.CreateNamespacedConfigMapAsync(Map("kept"), "default", cancellationToken: Cancellation);

        await api.KillAsync();
        await etcd.KillAsync();
        await etcd.StartAsync(Cancellation);
        await api.StartAsync(Cancellation);

        var map = await client.ReadNamespacedConfigMapAsync("kept", "default", cancellationToken: Cancellation);
        Assert.Equal("kept", map.Metadata.Name);
    }

    [Fact]
    public async Task Service_account_has_only_the_rights_of_its_role()
    {
        await using var etcd = new EtcdServer();
        await etcd.StartAsync(Cancellation);
        await using var api = new ApiServer(etcd, Reader);
        await api.StartAsync(Cancellation);
        using var admin = Connect(api.AdminKubeconfig);
        using var reader = Connect(api.KubeconfigOf(Reader));

        await Assert.ThrowsAsync<HttpOperationException>(() => Read(reader));
        await GrantAsync(admin);

        Assert.Empty((await Read(reader)).Items);
        await Assert.ThrowsAsync<HttpOperationException>(
            () => reader.CreateNamespacedConfigMapAsync(Map("m"), "default", cancellationToken: Cancellation));
        Assert.Contains(
            await File.ReadAllLinesAsync(api.AuditLog, Cancellation),
            line => line.Contains("system:serviceaccount:default:reader", StringComparison.Ordinal)
                && line.Contains("\"verb\":\"create\"", StringComparison.Ordinal));

        static Task<V1ConfigMapList> Read(Kubernetes client) =>
            client.ListNamespacedConfigMapAsync("default", labelSelector: "a=b", cancellationToken: Cancellation);
    }

    private static async Task GrantAsync(Kubernetes admin)
    {
        var role = new V1Role
        {
            Metadata = new V1ObjectMeta { Name = "reader" },
            Rules = [new V1PolicyRule { ApiGroups = [""], Resources = ["configmaps"], Verbs = ["list"] }],
        };
        await admin.CreateNamespacedRoleAsync(role, "default", cancellationToken: Cancellation);
        var binding = new V1RoleBinding
        {
            Metadata = new V1ObjectMeta { Name = "reader" },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "reader" },
            Subjects =
            [
                new Rbacv1Subject { Kind = "ServiceAccount", Name = Reader.Name, NamespaceProperty = Reader.Namespace },
            ],
        };
        await admin.CreateNamespacedRoleBindingAsync(binding, "default", cancellationToken: Cancellation);

        // The authorizer reads bindings through its own cache; a review shows when it has seen this one.
        var review = new V1SubjectAccessReview
        {
            Spec = new V1SubjectAccessReviewSpec
            {
                User = "system:serviceaccount:default:reader",
                ResourceAttributes = new V1ResourceAttributes
                {
                    NamespaceProperty = "default",
                    Verb = "list",
                    Resource = "configmaps",
                },
            },
        };
        while (!(await admin.CreateSubjectAccessReviewAsync(review, cancellationToken: Cancellation)).Status.Allowed)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
    }

    private static V1ConfigMap Map(string name) => new() { Metadata = new V1ObjectMeta { Name = name } };

    private static Kubernetes Connect(string kubeconfig) =>
        new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
}
