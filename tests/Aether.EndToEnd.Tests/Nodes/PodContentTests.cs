using k8s;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Nodes;

/// <summary>What containers get from the node: variables, volumes, probes, restarts.</summary>
public sealed class PodContentTests(NodeFixture fixture)
{
    [Fact]
    public async Task A_pod_waits_for_its_Secret_and_sees_the_Secrets_changes()
    {
        var space = await SpaceAsync();
        var container = TestPod.Script("main", "exec sleep 1000");
        container.Env.Add(new V1EnvVar { Name = "WORD_FILE", Value = "/etc/late/word" });
        container.ReadinessProbe = TestPod.Exec("test \"$(cat $WORD_FILE)\" = two");
        var pod = TestPod.Of(space, [], container);
        pod.Spec.Volumes.Add(new V1Volume
        {
            Name = "secret",
            Projected = new V1ProjectedVolumeSource
            {
                Sources = [new V1VolumeProjection { Secret = new V1SecretProjection { Name = "late" } }],
            },
        });
        pod.Spec.Containers[0].VolumeMounts.Add(new V1VolumeMount { Name = "secret", MountPath = "/etc/late" });
        await fixture.Client.CreateAsync(pod);
        await PodAsync(space, item => item.Status?.Message?.Contains("\"late\" not found") == true, "waiting");

        await WriteSecretAsync(space, "one");
        await PodAsync(space, item => item.Container("main")?.State.Running is not null, "running");
        var first = await ReadAsync(space, "/etc/late/word");
        await WriteSecretAsync(space, "two");
        await PodAsync(space, item => item.Has("Ready"), "ready, which it is when it has read the new word");

        Assert.Equal(["one"], first);
    }

    [Fact]
    public async Task Variables_come_from_values_fields_and_Secrets_and_expand_in_arguments()
    {
        var space = await SpaceAsync();
        await WriteSecretAsync(space, "hidden");
        var container = TestPod.Script(
            "main", "printf '%s\\n' \"$0\" $(NAME) $(WORD) '$$(NAME)' '$(NOWHERE)' $LISTEN > $LOG; exec sleep 1000");
        container.Args.Add("$(PLACE)/file");
        container.Env.Add(Field("NAME", "metadata.name"));
        container.Env.Add(new V1EnvVar { Name = "PLACE", Value = "/shared/place" });
        container.Env.Add(new V1EnvVar { Name = "LISTEN", Value = "0.0.0.0:8080" });
        container.Env.Add(new V1EnvVar
        {
            Name = "WORD",
            ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = "late", Key = "word" } },
        });
        container.ReadinessProbe = TestPod.Exec("test -s $LOG");

        await fixture.Client.CreateAsync(TestPod.Of(space, [], container));
        var pod = await PodAsync(space, item => item.Has("Ready"), "ready");

        var host = fixture.Node.HostPath(space, TestPod.Name, "main", "/shared/place/file");
        var lines = await LogAsync(space);
        Assert.Equal([host, TestPod.Name, "hidden", "$(NAME)", "$(NOWHERE)", $"{pod.Status.PodIP}:8080"], lines);
    }

    [Fact]
    public async Task A_claim_keeps_its_files_for_the_next_pod_but_an_emptyDir_does_not()
    {
        var space = await SpaceAsync();
        V1Pod Writing()
        {
            var pod = TestPod.Of(
                space, [], TestPod.Script("main", "echo x >> $SHARED/kept; echo x >> $LOST; exec sleep 1000"));
            pod.Spec.Volumes.Add(new V1Volume { Name = "scratch", EmptyDir = new V1EmptyDirVolumeSource() });
            var container = pod.Spec.Containers[0];
            container.VolumeMounts.Add(new V1VolumeMount { Name = "scratch", MountPath = "/scratch" });
            container.Env.Add(new V1EnvVar { Name = "LOST", Value = "/scratch/lost" });
            container.ReadinessProbe = TestPod.Exec("test -s $LOST");
            return pod;
        }

        await fixture.Client.CreateAsync(Writing());
        await PodAsync(space, item => item.Has("Ready"), "ready");
        await fixture.Client.DeletePodAsync(space);
        await fixture.Node.Pods.GoneAsync(space, TestPod.Name);
        await fixture.Client.CreateAsync(Writing());
        await PodAsync(space, item => item.Has("Ready"), "ready again");

        Assert.Equal(2, (await ReadAsync(space, "/shared/kept")).Length);
        Assert.Single(await ReadAsync(space, "/scratch/lost"));
    }

    [Fact]
    public async Task A_container_that_fails_its_liveness_probe_is_restarted()
    {
        var space = await SpaceAsync();
        var container = TestPod.Script("main", "exec sleep 1000");
        container.LivenessProbe = TestPod.Exec("exit 1");
        container.LivenessProbe.FailureThreshold = 1;

        await fixture.Client.CreateAsync(TestPod.Of(space, [], container));
        var pod = await PodAsync(space, item => item.Container("main") is { RestartCount: > 0 }, "restarted");

        Assert.Contains("liveness probe failed", pod.Container("main")!.LastState.Terminated.Message);
    }

    [Fact]
    public async Task A_pod_is_ready_only_while_its_readiness_probe_passes()
    {
        var space = await SpaceAsync();
        var container = TestPod.Script("main", "exec sleep 1000");
        container.Env.Add(new V1EnvVar { Name = "FLAG", Value = "/shared/flag" });
        container.ReadinessProbe = TestPod.Exec("test -e $FLAG");
        container.ReadinessProbe.FailureThreshold = 1;
        await fixture.Client.CreateAsync(TestPod.Of(space, [], container));
        await PodAsync(space, item => item.Container("main")?.Started == true, "started");
        var flag = fixture.Node.HostPath(space, TestPod.Name, "main", "/shared/flag");

        await File.WriteAllTextAsync(flag, "", TestContext.Current.CancellationToken);
        await PodAsync(space, item => item.Has("Ready"), "ready");
        File.Delete(flag);
        var pod = await PodAsync(space, item => !item.Has("Ready"), "not ready");

        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal(0, pod.Container("main")!.RestartCount);
    }

    [Theory]
    [InlineData("Never", "exit 3", "Failed", 3, 0)]
    [InlineData("Never", "exit 0", "Succeeded", 0, 0)]
    [InlineData("OnFailure", "test -e $LOG || { touch $LOG; exit 4; }", "Succeeded", 0, 1)]
    public async Task A_pod_ends_as_its_restart_policy_says(
        string policy, string script, string phase, int exitCode, int restarts)
    {
        var space = await SpaceAsync();
        var pod = TestPod.Of(
            space, [TestPod.Sidecar("sidecar", "exec sleep 1000")], TestPod.Script("main", script));
        pod.Spec.RestartPolicy = policy;

        await fixture.Client.CreateAsync(pod);
        var ended = await PodAsync(
            space, item => item.Container("sidecar")?.State.Terminated is not null, "ended, sidecar and all");

        Assert.Equal(phase, ended.Status.Phase);
        Assert.Equal(exitCode, ended.Container("main")!.State.Terminated.ExitCode);
        Assert.Equal(restarts, ended.Container("main")!.RestartCount);
    }

    [Fact]
    public async Task A_pod_of_an_unknown_image_waits_with_the_reason_in_its_status()
    {
        var space = await SpaceAsync();
        var container = TestPod.Script("main", "");
        container.Image = "nowhere:1";

        await fixture.Client.CreateAsync(TestPod.Of(space, [], container));
        var pod = await PodAsync(
            space, item => item.Container("main")?.State.Waiting?.Reason == "ErrImageNeverPull", "waiting");

        Assert.Contains("nowhere:1", pod.Container("main")!.State.Waiting.Message);
    }

    private async Task<string> SpaceAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        await fixture.Client.CreateClaimAsync(space);
        return space;
    }

    private Task<V1Pod> PodAsync(string space, Func<V1Pod, bool> holds, string what) =>
        fixture.Node.Pods.PodAsync(space, TestPod.Name, holds, what);

    private Task<string[]> LogAsync(string space) => ReadAsync(space, "/shared/log");

    private Task<string[]> ReadAsync(string space, string path) => File.ReadAllLinesAsync(
        fixture.Node.HostPath(space, TestPod.Name, "main", path), TestContext.Current.CancellationToken);

    private async Task WriteSecretAsync(string space, string word)
    {
        var secret = new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta { Name = "late" },
            StringData = new Dictionary<string, string> { ["word"] = word },
        };
        await fixture.Client.CoreV1.PatchNamespacedSecretAsync(
            new V1Patch(secret, V1Patch.PatchType.ApplyPatch),
            "late",
            space,
            fieldManager: "tests",
            cancellationToken: TestContext.Current.CancellationToken);
    }

    private static V1EnvVar Field(string name, string path) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } },
    };
}
