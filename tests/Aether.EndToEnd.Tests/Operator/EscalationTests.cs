using System.Net;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;
using Aether.EndToEnd.Tests.Support.Auditing;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Rights that neither the operator nor a user of worlds can gain from those they have.</summary>
public sealed class EscalationTests(SharedCluster shared)
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_operator_cannot_make_itself_an_administrator()
    {
        using var client = Impersonation.As(await shared.StartedAsync(), AuditLog.Operator);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => client.PostAsync(
            $"{Rbac}/clusterrolebindings",
            ClusterBinding("takeover", "cluster-admin", AuditLog.Operator),
            Stop));

        Assert.Equal(HttpStatusCode.Forbidden, refusal.Status);
        Assert.Contains("cannot create resource \"clusterrolebindings\"", refusal.Message);
    }

    [Fact]
    public async Task User_cannot_grant_a_right_that_the_user_does_not_hold()
    {
        var bed = await shared.StartedAsync();
        var @namespace = await bed.NewNamespaceAsync();
        await bed.ApplyAsync($$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"{{@namespace}}"},
             "rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["create"]},
                      {"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}
            """);
        await bed.Cluster.Manifests.ApplyAsync(ClusterBinding(@namespace, @namespace, "apprentice"), Stop);
        using var client = Impersonation.As(bed, "apprentice");

        await client.PostAsync(RolesOf(@namespace), Role("held", "pods"), Stop);
        var refusal = await Assert.ThrowsAsync<ApiException>(() =>
            client.PostAsync(RolesOf(@namespace), Role("not-held", "secrets"), Stop));

        Assert.Equal(HttpStatusCode.Forbidden, refusal.Status);
        Assert.Contains("attempting to grant RBAC permissions not currently held", refusal.Message);
    }

    [Fact]
    public async Task An_editor_of_worlds_edits_worlds_and_reaches_neither_status_nor_backends()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await bed.Cluster.Manifests.ApplyAsync(
            ClusterBinding($"{world.Namespace}-edit", "aether-persistence-edit", "editor"), Stop);
        using var client = Impersonation.As(bed, "editor");
        const string api = "/apis/persistence.aether.dev/v1alpha1";
        var worlds = $"{api}/namespaces/{world.Namespace}/worldpersistences";

        await client.PostAsync(worlds, JsonNode.Parse(
            """
            {"apiVersion":"persistence.aether.dev/v1alpha1","kind":"WorldPersistence","metadata":{"name":"economy"},
             "spec":{}}
            """)!, Stop);

        await RefusedAsync(client.MergeAsync($"{worlds}/economy/status", new JsonObject(), Stop));
        await RefusedAsync(client.GetAsync($"{api}/persistencebackends", Stop));
        await client.DeleteAsync($"{worlds}/economy", null, Stop);
    }

    private static async Task RefusedAsync(Task request) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<ApiException>(() => request)).Status);

    private static string RolesOf(string @namespace) => $"{Rbac}/namespaces/{@namespace}/roles";

    private static JsonNode Role(string name, string resource) => JsonNode.Parse($$"""
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"{{name}}"},
         "rules":[{"apiGroups":[""],"resources":["{{resource}}"],"verbs":["get"]}]}
        """)!;

    private static JsonObject ClusterBinding(string name, string role, string user) => JsonNode.Parse($$"""
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{name}}"},
         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{role}}"},
         "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{user}}"}]}
        """)!.AsObject();
}
