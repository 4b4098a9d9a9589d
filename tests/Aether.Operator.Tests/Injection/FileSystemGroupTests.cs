using System.Text.Json.Nodes;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;

namespace Aether.Operator.Tests.Injection;

/// <summary>The groups that a pod gets, which decide whose files Kubernetes changes.</summary>
[Trait("Field", "F28")]
[Trait("Kind", "Unit")]
public sealed class FileSystemGroupTests
{
    private static readonly WalVolumeSpec Node = new() { EmptyDir = new EmptyDirSource() };
    private static readonly WalVolumeSpec Own = new() { Ephemeral = new EphemeralVolumeSource { Size = "10Gi" } };

    [Fact]
    public void Pod_with_its_log_on_the_node_keeps_its_own_volumes_as_they_are()
    {
        var pod = Given.InjectedPod(world: World(Node));

        Assert.Null(pod.Spec.SecurityContext.FsGroup);
        Assert.Equal([65532L], pod.Spec.SecurityContext.SupplementalGroups.Select(group => group!.Value));
        Assert.Equal(
            Convert.ToInt32("444", 8),
            pod.Spec.Volumes.Single(volume => volume.Name == "aether-config").Projected.DefaultMode);
    }

    [Fact]
    public void Pod_without_a_log_keeps_its_own_volumes_as_they_are() =>
        Assert.Null(Given.InjectedPod(world: Given.EphemeralWorld()).Spec.SecurityContext.FsGroup);

    [Fact]
    public void Pod_with_its_log_on_a_claim_gets_a_group_that_may_write_to_it() =>
        Assert.Equal(65532, Given.InjectedPod(world: World(Own)).Spec.SecurityContext.FsGroup);

    [Theory]
    [InlineData("Inject", 65532L)]
    [InlineData("Leave", null)]
    public void World_may_decide_about_the_group(string policy, long? group)
    {
        var onNode = Given.InjectedPod(world: World(Node, policy));
        var onClaim = Given.InjectedPod(world: World(Own, policy));

        Assert.Equal(group, onNode.Spec.SecurityContext.FsGroup);
        Assert.Equal(group, onClaim.Spec.SecurityContext.FsGroup);
    }

    [Fact]
    public void Groups_of_the_pod_itself_stay_and_a_second_injection_adds_none()
    {
        var pod = Given.Pod(spec => spec["securityContext"] = new JsonObject
        {
            ["supplementalGroups"] = new JsonArray(2000),
        });

        var once = Given.Injected(pod, World(Node));
        var twice = Given.Injected(once, World(Node));

        Assert.Equal([2000L, 65532L], Given.Typed(once).Spec.SecurityContext.SupplementalGroups.Select(g => g!.Value));
        Assert.True(JsonNode.DeepEquals(once, twice));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1000, false)]
    public void Owner_of_a_pod_is_warned_when_the_group_reaches_other_claims(int? own, bool warned)
    {
        var pod = Given.Pod(spec =>
        {
            spec["volumes"]!.AsArray().Add(new JsonObject
            {
                ["name"] = "saves",
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "saves" },
            });
            if (own is not null)
                spec["securityContext"] = new JsonObject { ["fsGroup"] = own };
        });

        var warnings = PodInjector.Inject(pod, Given.DurableWorld(), Given.Options).Warnings;

        Assert.Equal(warned, warnings.Any(text => text.Contains("files on saves", StringComparison.Ordinal)
            && text.Contains("spec.agent.fsGroup", StringComparison.Ordinal)));
    }

    private static WorldPersistence World(WalVolumeSpec volume, string policy = "Auto") =>
        Given.DurableWorld(spec =>
        {
            spec.Wal.Volume = volume;
            spec.Agent.FsGroup = policy;
        });
}
