using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.ControllerRuntime.Tests.Objects;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Tests.Injection;

[Trait("Kind", "Unit")]
public sealed class PodInjectorTests
{
    [Fact]
    public void The_agent_comes_first_as_a_native_sidecar()
    {
        var pod = Given.InjectedPod();

        Assert.Equal(["aether-agent", "migrate"], pod.Spec.InitContainers.Select(container => container.Name));
        Assert.Equal("Always", pod.Spec.InitContainers[0].RestartPolicy);
        Assert.Equal("registry.test/aether-agent:1", pod.Spec.InitContainers[0].Image);
    }

    [Fact]
    public void A_pod_without_init_containers_or_volumes_gets_them()
    {
        var pod = Given.InjectedPod(spec =>
        {
            spec.Remove("initContainers");
            spec.Remove("volumes");
            spec["containers"]!.AsArray().RemoveAt(1);
        });

        Assert.Equal("aether-agent", Assert.Single(pod.Spec.InitContainers).Name);
        Assert.Equal(
            ["aether-socket", "aether-config", "aether-wal"], pod.Spec.Volumes.Select(volume => volume.Name));
    }

    [Fact]
    public void World_starts_after_recovery_and_liveness_is_independent_of_it()
    {
        var agent = Agent(Given.InjectedPod());

        Assert.Equal("/readyz", agent.StartupProbe.HttpGet.Path);
        Assert.Equal(6 * 3600, agent.StartupProbe.FailureThreshold * agent.StartupProbe.PeriodSeconds);
        Assert.Equal("/healthz", agent.LivenessProbe.HttpGet.Path);
        Assert.Null(agent.ReadinessProbe);
        Assert.All([agent.StartupProbe, agent.LivenessProbe], probe => Assert.Equal("9464", probe.HttpGet.Port));
    }

    [Fact]
    public void The_agent_runs_with_no_more_rights_than_the_restricted_profile_allows()
    {
        var context = Agent(Given.InjectedPod()).SecurityContext;

        Assert.True(context.RunAsNonRoot);
        Assert.Equal(65532, context.RunAsUser);
        Assert.Equal(65532, context.RunAsGroup);
        Assert.True(context.ReadOnlyRootFilesystem);
        Assert.False(context.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], context.Capabilities.Drop);
        Assert.Equal("RuntimeDefault", context.SeccompProfile.Type);
    }

    [Theory]
    [Trait("Field", "F05")]
    [InlineData(null, "25")]
    [InlineData(300, "295")]
    [InlineData(3, "0")]
    public void Agent_may_use_its_pods_grace_period_except_the_time_to_exit(int? grace, string seconds)
    {
        var pod = Given.InjectedPod(spec =>
        {
            if (grace is { } given)
                spec["terminationGracePeriodSeconds"] = (long)given;
        });

        Assert.Equal(seconds, pod.Metadata.Annotations[InjectionNames.StopGraceAnnotation]);
    }

    [Fact]
    public void Agent_gets_variables_for_its_pod_and_its_settings()
    {
        var agent = Agent(Given.InjectedPod());

        Assert.Equal(
            [
                ("AETHER_POD_IP", "status.podIP"),
                ("AETHER_HEALTH_ADDRESS", "$(AETHER_POD_IP):9464"),
                ("AETHER_HOLDER", "metadata.name"),
                ("AETHER_REVISION", "metadata.annotations['persistence.aether.dev/injected-revision']"),
                ("AETHER_STOP_GRACE_SECONDS", "metadata.annotations['persistence.aether.dev/stop-grace-seconds']"),
                ("AETHER_CONFIG_DIRECTORY", "/etc/aether"),
                ("AETHER_SOCKET", "/run/aether/agent.sock"),
                ("AETHER_HTTP_SOCKET", "/run/aether/http.sock"),
                ("AETHER_WAL_DIRECTORY", "/var/lib/aether/wal"),
            ],
            agent.Env.Select(variable => (variable.Name, variable.Value ?? variable.ValueFrom.FieldRef.FieldPath)));
    }

    [Fact]
    public void Agent_gets_the_log_format_of_the_operators_settings()
    {
        var json = AgentContainerBuilder.Build(
            new AgentSpec(), hasVolume: true, Given.Options with { LogFormat = LogFormat.Json });
        var text = AgentContainerBuilder.Build(new AgentSpec(), hasVolume: true, Given.Options);

        Assert.Equal("Json", json.Env.Single(variable => variable.Name == AetherVariables.LogFormat).Value);
        Assert.DoesNotContain(text.Env, variable => variable.Name == AetherVariables.LogFormat);
    }

    [Fact]
    public void Log_and_Secret_are_mounted_only_by_the_agent()
    {
        var pod = Given.InjectedPod();

        var others = pod.Spec.Containers.Concat(pod.Spec.InitContainers.Skip(1)).ToList();

        Assert.Equal(
            [("aether-socket", "/run/aether"), ("aether-config", "/etc/aether"), ("aether-wal", "/var/lib/aether/wal")],
            Agent(pod).VolumeMounts.Select(mount => (mount.Name, mount.MountPath)));
        Assert.True(Agent(pod).VolumeMounts.Single(mount => mount.Name == "aether-config").ReadOnlyProperty);
        Assert.All(others, container => Assert.DoesNotContain(
            container.VolumeMounts, mount => mount.Name is "aether-wal" or "aether-config"));
    }

    [Fact]
    public void Every_other_container_gets_the_sockets_and_its_worlds_name()
    {
        var pod = Given.InjectedPod();

        Assert.All(pod.Spec.Containers.Append(pod.Spec.InitContainers[1]), container =>
        {
            Assert.Single(
                container.VolumeMounts, mount => mount is { Name: "aether-socket", MountPath: "/run/aether" });
            Assert.Equal(
                [
                    ("AETHER_SOCKET", "/run/aether/agent.sock"),
                    ("AETHER_HTTP_SOCKET", "/run/aether/http.sock"),
                    ("AETHER_WORLD_NAME", "economy"),
                    ("AETHER_WORLD_NAMESPACE", "games"),
                ],
                container.Env.Take(4).Select(variable => (variable.Name, variable.Value)));
        });
        Assert.Equal("LOG", pod.Spec.Containers[0].Env[4].Name);
    }

    [Fact]
    public void Secret_is_readable_only_by_the_group()
    {
        var volume = Given.InjectedPod().Spec.Volumes.Single(volume => volume.Name == "aether-config");

        Assert.Equal(Convert.ToInt32("440", 8), volume.Projected.DefaultMode);
        Assert.Equal("economy-aether", Assert.Single(volume.Projected.Sources).Secret.Name);
    }

    [Fact]
    public void Pod_without_an_fsGroup_gets_one_and_a_pod_with_one_keeps_it()
    {
        var without = Given.InjectedPod();
        var with = Given.InjectedPod(spec => spec["securityContext"] = new JsonObject { ["fsGroup"] = 1000 });

        Assert.Equal(65532, without.Spec.SecurityContext.FsGroup);
        Assert.Equal("OnRootMismatch", without.Spec.SecurityContext.FsGroupChangePolicy);
        Assert.Equal(1000, with.Spec.SecurityContext.FsGroup);
        Assert.Null(with.Spec.SecurityContext.FsGroupChangePolicy);
    }

    [Fact]
    public void Log_is_on_the_claim_that_the_world_names()
    {
        var volume = WalVolume(Given.DurableWorld());

        Assert.Equal("economy-wal", volume.PersistentVolumeClaim.ClaimName);
    }

    [Fact]
    public void Log_is_on_an_ephemeral_claim_of_the_pod()
    {
        var volume = WalVolume(Given.DurableWorld(spec => spec.Wal.Volume = new WalVolumeSpec
        {
            Ephemeral = new EphemeralVolumeSource { Size = "10Gi", StorageClassName = "fast" },
        }));

        var claim = volume.Ephemeral.VolumeClaimTemplate.Spec;
        Assert.Equal("10Gi", claim.Resources.Requests["storage"].ToString());
        Assert.Equal("fast", claim.StorageClassName);
        Assert.Equal(["ReadWriteOnce"], claim.AccessModes);
    }

    [Fact]
    public void Log_is_on_an_emptyDir_with_a_limit()
    {
        var volume = WalVolume(Given.DurableWorld(spec => spec.Wal.Volume = new WalVolumeSpec
        {
            EmptyDir = new EmptyDirSource { SizeLimit = "2Gi" },
        }));

        Assert.Equal("2Gi", volume.EmptyDir.SizeLimit.ToString());
    }

    [Fact]
    public void A_world_without_a_log_gets_no_volume_for_it()
    {
        var pod = Given.InjectedPod(world: Given.EphemeralWorld());

        Assert.DoesNotContain(pod.Spec.Volumes, volume => volume.Name == "aether-wal");
        Assert.DoesNotContain(Agent(pod).Env, variable => variable.Name == "AETHER_WAL_DIRECTORY");
    }

    [Fact]
    public void World_can_set_image_and_resources()
    {
        var pod = Given.InjectedPod(world: Given.DurableWorld(spec => spec.Agent = new AgentSpec
        {
            Image = "registry.test/aether-agent:2",
            Resources = new AgentResources
            {
                Requests = new Dictionary<string, string> { ["cpu"] = "1" },
                Limits = new Dictionary<string, string> { ["memory"] = "2Gi" },
            },
        }));

        Assert.Equal("registry.test/aether-agent:2", Agent(pod).Image);
        Assert.Equal("1", Agent(pod).Resources.Requests["cpu"].ToString());
        Assert.DoesNotContain("memory", Agent(pod).Resources.Requests.Keys);
        Assert.Equal("2Gi", Agent(pod).Resources.Limits["memory"].ToString());
        Assert.Equal("registry.test/aether-agent:2", pod.Metadata.Annotations["persistence.aether.dev/injected-image"]);
    }

    [Fact]
    public void Agents_have_requests_and_no_limits_unless_the_world_or_the_operator_sets_them()
    {
        var resources = Agent(Given.InjectedPod()).Resources;

        Assert.Equal("100m", resources.Requests["cpu"].ToString());
        Assert.Equal("128Mi", resources.Requests["memory"].ToString());
        Assert.Null(resources.Limits);
    }

    [Fact]
    [Trait("Field", "F30")]
    public void Default_limits_satisfy_a_quota_and_are_never_below_the_requests()
    {
        var options = Given.Options with
        {
            DefaultLimits = new Dictionary<string, string> { ["cpu"] = "50m", ["memory"] = "1Gi" },
        };
        var byDefault = Agent(Given.Typed(PodInjector.Inject(Given.Pod(), Given.DurableWorld(), options).Pod!));
        var byWorld = Agent(Given.Typed(PodInjector.Inject(
            Given.Pod(),
            Given.DurableWorld(spec => spec.Agent.Resources = new AgentResources
            {
                Limits = new Dictionary<string, string> { ["memory"] = "8Gi" },
            }),
            options).Pod!));

        Assert.Equal("50m", byDefault.Resources.Limits["cpu"].ToString());
        Assert.Equal("1Gi", byDefault.Resources.Limits["memory"].ToString());
        Assert.Equal("50m", byDefault.Resources.Requests["cpu"].ToString());
        Assert.Equal("8Gi", Assert.Single(byWorld.Resources.Limits).Value.ToString());
        Assert.Equal("limits.memory", MemoryLimit(byDefault)!.Resource);
    }

    [Fact]
    [Trait("Field", "F01")]
    public void Agents_memory_limit_is_that_of_its_own_container()
    {
        var without = Given.Injected(Given.Pod());
        var with = Given.Injected(Given.Pod(), Given.DurableWorld(spec => spec.Agent.Resources = new AgentResources
        {
            Limits = new Dictionary<string, string> { ["memory"] = "536870912" },
        }));

        var limit = MemoryLimit(Agent(Given.Typed(with)))!;
        Assert.Null(MemoryLimit(Agent(Given.Typed(without))));
        Assert.Equal(
            ("aether-agent", "limits.memory", "0"), (limit.ContainerName, limit.Resource, limit.Divisor.ToString()));
        Assert.NotEqual(Revision(without), Revision(with));
    }

    [Fact]
    public void Revision_changes_with_the_injected_parts_and_not_with_the_pod()
    {
        var first = Revision(Given.Injected(Given.Pod()));
        var otherPod = Revision(Given.Injected(Given.Pod(spec => spec["nodeName"] = "n1")));
        var otherWorld = Revision(
            Given.Injected(Given.Pod(), Given.DurableWorld(spec => spec.Agent.Image = "other:1")));

        Assert.Equal(first, otherPod);
        Assert.NotEqual(first, otherWorld);
    }

    [Fact]
    public void Fields_outside_the_injected_parts_stay_unchanged()
    {
        var pod = Given.Pod();

        var injected = Given.Injected(pod);

        Assert.True(JsonNode.DeepEquals(pod["metadata"]!["labels"], injected["metadata"]!["labels"]));
        Assert.True((bool)injected["spec"]!["fieldOfTomorrow"]!["kept"]!);
        Assert.Equal("$(AETHER_SOCKET)", (string?)injected["spec"]!["containers"]![0]!["env"]![4]!["value"]);
        Assert.Equal("/data", (string?)injected["spec"]!["containers"]![1]!["volumeMounts"]![0]!["mountPath"]);
        Assert.Equal("data", (string?)injected["spec"]!["volumes"]![0]!["name"]);
    }

    [Fact]
    public void Input_pod_is_not_modified()
    {
        var pod = Given.Pod();

        Given.Injected(pod);

        Assert.True(JsonNode.DeepEquals(Given.Pod(), pod));
    }

    [Fact]
    public void The_patch_turns_the_pod_into_the_injected_one()
    {
        var pod = Given.Pod();
        var injected = Given.Injected(pod);

        var patch = JsonPatch.Between(pod, injected);

        Assert.True(JsonNode.DeepEquals(injected, JsonPatchApplication.Apply(pod, patch.ToJson())));
    }

    private static V1ResourceFieldSelector? MemoryLimit(V1Container agent) => agent.Env
        .SingleOrDefault(variable => variable.Name == "AETHER_MEMORY_LIMIT_BYTES")?.ValueFrom.ResourceFieldRef;

    private static V1Container Agent(V1Pod pod) =>
        pod.Spec.InitContainers.Single(container => container.Name == "aether-agent");

    private static V1Volume WalVolume(WorldPersistence world) =>
        Given.InjectedPod(world: world).Spec.Volumes.Single(volume => volume.Name == "aether-wal");

    private static string Revision(JsonObject pod) =>
        (string)pod["metadata"]!["annotations"]![InjectionNames.RevisionAnnotation]!;
}
