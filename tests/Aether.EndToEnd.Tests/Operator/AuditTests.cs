using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.EndToEnd.Tests.Support.Auditing;
using Aether.Persistence.Contracts;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>
/// The operator's requests to the API server. Runs after the parallel tests, so that the log contains the requests for
/// all of them.
/// </summary>
[Collection(nameof(AfterTheOthers))]
public sealed class AuditTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_operator_uses_all_rights_it_ships_with_and_no_other()
    {
        var bed = await shared.StartedAsync();
        await UseAllRightsAsync(bed);

        var requests = (await bed.Audit.ReadAsync(Stop)).Where(entry => entry.User == AuditLog.Operator).ToList();

        Assert.DoesNotContain(requests, entry => entry.Code is 401 or 403);
        var used = requests.Where(entry => entry.Resource.Length > 0).Select(RoleRule.TakenBy).ToHashSet();
        Assert.Equal(
            RoleRule.OfOperator().Select(rule => rule.ToString()).Order(StringComparer.Ordinal),
            used.Select(rule => rule.ToString()).Order(StringComparer.Ordinal));
    }

    // RBAC cannot restrict these verbs to a label (ADR 0045), so the requests themselves are checked.
    [Fact]
    public async Task The_operator_lists_Secrets_outside_its_namespace_by_its_own_label_only()
    {
        var bed = await shared.StartedAsync();

        var requests = (await bed.Audit.ReadAsync(Stop))
            .Where(entry => entry.User == AuditLog.Operator && entry.Resource == "secrets")
            .Where(entry => entry.Verb is "list" or "watch" && entry.Namespace != DevelopmentCluster.SystemNamespace)
            .ToList();

        Assert.NotEmpty(requests);
        Assert.All(requests, entry => Assert.Contains(
            "labelSelector=app.kubernetes.io/managed-by=aether-operator",
            Uri.UnescapeDataString(entry.Uri),
            StringComparison.Ordinal));
    }

    // Each right at least once, whichever other tests ran before.
    private static async Task UseAllRightsAsync(TestBed bed)
    {
        var world = await bed.ReadyWorldAsync("""
            {"deletionPolicy":"Delete","wal":{"volume":{"persistentVolumeClaim":{"claimName":"economy"}}}}
            """);
        await bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("economy-0", world.Name));
        await Assert.ThrowsAsync<ApiException>(() =>
            bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("lost", "atlantis")));
        await bed.Client.MergeAsync(
            $"/api/v1/namespaces/{world.Namespace}/secrets/{world.Names.Secret}",
            new JsonObject { ["data"] = new JsonObject { [AetherVariables.PostgresHost] = null } },
            Stop);
        await world.EventAsync("SecretUpdated");

        // When the same event occurs again, it is counted on the first one, which is a patch.
        for (var times = 1; times <= 2; times++)
        {
            await bed.Stores.JetStreamAsync($"STREAM.DELETE.{world.Names.EventStream}", Stop);
            await bed.Cluster.Events.UntilAsync(
                events => events.FirstOrDefault(item => item.InvolvedObject.Uid == world.Uid
                    && item.Reason == "DriftRepaired" && (item.Series?.Count ?? 1) >= times),
                $"drift of {world.Namespace} to be reported {times} times", Waiting.Step, Stop);
        }

        // The deletion of the world waits until its pod is gone.
        await bed.Client.DeleteAsync($"/api/v1/namespaces/{world.Namespace}/pods/economy-0", null, Stop);
        await world.DeleteAsync();
    }
}
