using System.Text.Json.Nodes;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Tests.Injection;

[Trait("Kind", "Unit")]
public sealed class PlacementHintsTests
{
    [Fact]
    public void A_durable_world_on_a_claim_draws_no_warning() =>
        Assert.Empty(PlacementHints.For(Pod("StatefulSet"), Given.DurableWorld()));

    [Theory]
    [InlineData(null, true)]
    [InlineData("Batched", true)]
    [InlineData("Replicated", false)]
    public void A_durable_world_on_a_volume_of_the_pods_own_is_warned_unless_all_is_replicated(
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
    public void Critical_kinds_of_a_journal_in_JetStream_are_said_to_be_in_no_table(
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
    public void Owners_that_run_several_at_once_are_warned(string owner, bool warned)
    {
        var hints = PlacementHints.For(Pod(owner), Given.DurableWorld());

        Assert.Equal(warned, hints.Any(hint => hint.Contains($"belongs to a {owner}", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_ephemeral_world_may_belong_to_a_ReplicaSet() =>
        Assert.Empty(PlacementHints.For(Pod("ReplicaSet"), Given.EphemeralWorld()));

    [Fact]
    public void A_second_replica_is_warned_that_it_will_wait()
    {
        var pod = Pod("StatefulSet");
        pod.Metadata.Labels["apps.kubernetes.io/pod-index"] = "1";

        var hint = Assert.Single(PlacementHints.For(pod, Given.DurableWorld()));

        Assert.Contains("number 1 of a StatefulSet", hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_grace_period_is_warned()
    {
        var pod = Given.Typed(Given.Pod(spec => spec["terminationGracePeriodSeconds"] = JsonValue.Create(1)));

        var hint = Assert.Single(PlacementHints.For(pod, Given.DurableWorld()));

        Assert.Contains("terminationGracePeriodSeconds is 1", hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_that_is_not_ready_is_mentioned()
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
