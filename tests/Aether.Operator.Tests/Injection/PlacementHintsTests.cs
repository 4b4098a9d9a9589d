using System.Text.Json.Nodes;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Tests.Injection;

[Trait("Kind", "Unit")]
public sealed class PlacementHintsTests
{
    [Fact]
    public void Durable_world_on_a_claim_causes_no_warning() =>
        Assert.Empty(PlacementHints.For(Pod("StatefulSet"), Given.DurableWorld()));

    [Theory]
    [InlineData(null, true)]
    [InlineData("Batched", true)]
    [InlineData("Replicated", false)]
    public void Durable_world_on_a_volume_deleted_with_the_pod_causes_a_warning_unless_Replicated(
        string? durability, bool warned)
    {
        var world = Given.DurableWorld(spec =>
        {
            spec.Wal.DefaultDurability = durability;
            spec.Wal.Volume = new WalVolumeSpec { EmptyDir = new EmptyDirSource() };
        });

        var hints = PlacementHints.For(Pod("StatefulSet"), world);

        Assert.Equal(warned, hints.Any(hint => hint.Contains("deleted with the pod", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("JetStream", "gold", true)]
    [InlineData("JetStream", null, false)]
    [InlineData("Postgres", "gold", false)]
    public void Critical_kinds_with_a_journal_in_JetStream_cause_a_warning_that_they_are_not_projected(
        string journal, string? kind, bool warned)
    {
        var world = Given.DurableWorld(spec =>
        {
            spec.Wal.Journal = journal;
            if (kind is not null)
                spec.CriticalState.Kinds[kind] = "High";
        });

        var hints = PlacementHints.For(Pod("StatefulSet"), world);

        Assert.Equal(warned, hints.Any(hint => hint.Contains("critical_state", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ReplicaSet", true)]
    [InlineData("DaemonSet", true)]
    [InlineData("StatefulSet", false)]
    [InlineData("Job", false)]
    public void Owners_that_run_several_pods_cause_a_warning(string owner, bool warned)
    {
        var hints = PlacementHints.For(Pod(owner), Given.DurableWorld());

        Assert.Equal(warned, hints.Any(hint => hint.Contains($"belongs to a {owner}", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_ephemeral_world_may_belong_to_a_ReplicaSet() =>
        Assert.Empty(PlacementHints.For(Pod("ReplicaSet"), Given.EphemeralWorld()));

    [Fact]
    public void Second_replica_causes_a_warning_that_it_will_wait()
    {
        var pod = Pod("StatefulSet");
        pod.Metadata.Labels["apps.kubernetes.io/pod-index"] = "1";

        var hint = Assert.Single(PlacementHints.For(pod, Given.DurableWorld()));

        Assert.Contains("number 1 of a StatefulSet", hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_grace_period_causes_a_warning()
    {
        var pod = Given.Typed(Given.Pod(spec => spec["terminationGracePeriodSeconds"] = JsonValue.Create(1)));

        var hint = Assert.Single(PlacementHints.For(pod, Given.DurableWorld()));

        Assert.Contains("terminationGracePeriodSeconds is 1", hint, StringComparison.Ordinal);
    }

    [Fact]
    public void World_that_is_not_ready_causes_a_warning()
    {
        var world = Given.DurableWorld();
        world.Status.Conditions = [new V1Condition { Type = "Ready", Status = "False" }];

        var hint = Assert.Single(PlacementHints.For(Pod("StatefulSet"), world));

        Assert.Contains("kubectl describe worldpersistence economy -n games", hint, StringComparison.Ordinal);
    }

    private static V1Pod Pod(string owner)
    {
        var pod = Given.Typed(Given.Pod());
        pod.Metadata.OwnerReferences = [new V1OwnerReference { Kind = owner, Name = "w", Controller = true }];
        return pod;
    }
}
