using Aether.TestServers.Processes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Aether.EndToEnd.Tests.Nodes;

/// <summary>The order in which the node starts and stops the containers of a pod.</summary>
public sealed class PodOrderTests(NodeFixture fixture)
{
    private const string UntilTerm = "sleep 1000 & wait";

    [Fact]
    public async Task Init_containers_run_one_after_the_other_before_the_main_container()
    {
        var space = await SpaceAsync();
        var pod = TestPod.Of(
            space,
            [TestPod.Script("first", "sleep 0.3; echo first >> $LOG"), TestPod.Script("second", "echo second >> $LOG")],
            TestPod.Script("main", "echo main >> $LOG; exec sleep 1000"));
        pod.Spec.Containers[0].ReadinessProbe = TestPod.Exec("grep -q main $LOG");

        await fixture.Client.CreateAsync(pod);
        var running = await PodAsync(space, item => item.Has("Ready"), "ready");

        Assert.Equal(["first", "second", "main"], await LogAsync(space));
        Assert.Equal("Running", running.Status.Phase);
        Assert.Equal(0, running.Container("first")?.State.Terminated?.ExitCode);
    }

    [Fact]
    public async Task A_sidecar_has_started_before_the_next_container_starts()
    {
        var space = await SpaceAsync();
        var sidecar = TestPod.Sidecar(
            "sidecar", "sleep 0.5; echo sidecar >> $LOG; touch $SHARED/up; exec sleep 1000");
        sidecar.StartupProbe = TestPod.Exec("test -f $SHARED/up");
        var pod = TestPod.Of(
            space,
            [sidecar, TestPod.Script("init", "echo init >> $LOG")],
            TestPod.Script("main", "echo main >> $LOG; exec sleep 1000"));
        pod.Spec.Containers[0].ReadinessProbe = TestPod.Exec("grep -q main $LOG");

        await fixture.Client.CreateAsync(pod);
        await PodAsync(space, item => item.Has("Ready"), "ready");

        Assert.Equal(["sidecar", "init", "main"], await LogAsync(space));
    }

    [Fact]
    public async Task A_killed_sidecar_restarts_while_the_main_container_keeps_running()
    {
        var space = await SpaceAsync();
        await fixture.Client.CreateAsync(TestPod.Of(
            space, [TestPod.Sidecar("sidecar", "exec sleep 1000")], TestPod.Script("main", "exec sleep 1000")));
        await PodAsync(space, item => item.Has("Ready"), "ready");

        fixture.Node.Send(space, TestPod.Name, "sidecar", UnixSignal.Kill);
        var pod = await PodAsync(
            space, item => item.Container("sidecar") is { RestartCount: 1, Ready: true }, "with its sidecar restarted");

        Assert.Equal(137, pod.Container("sidecar")!.LastState.Terminated.ExitCode);
        Assert.Equal(0, pod.Container("main")!.RestartCount);
    }

    [Fact]
    public async Task On_deletion_the_main_containers_stop_first_and_the_sidecars_last_in_reverse_order()
    {
        var space = await SpaceAsync();
        string Saying(string name) =>
            $"trap 'sleep 0.2; echo {name} >> $LOG; exit 0' TERM; touch $SHARED/{name}; {UntilTerm}";
        var pod = TestPod.Of(
            space,
            [TestPod.Sidecar("one", Saying("one")), TestPod.Sidecar("two", Saying("two"))],
            TestPod.Script("main", Saying("main")));
        pod.Spec.InitContainers[0].StartupProbe = TestPod.Exec("test -f $SHARED/one");
        pod.Spec.InitContainers[1].StartupProbe = TestPod.Exec("test -f $SHARED/two");
        pod.Spec.Containers[0].ReadinessProbe = TestPod.Exec("test -f $SHARED/main");
        await fixture.Client.CreateAsync(pod);
        await PodAsync(space, item => item.Has("Ready"), "ready");
        var log = LogFile(space);

        await fixture.Client.DeletePodAsync(space);
        await fixture.Node.Pods.GoneAsync(space, TestPod.Name);

        var lines = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        Assert.Equal(["main", "two", "one"], lines);
    }

    [Fact]
    public async Task A_container_that_ignores_SIGTERM_is_killed_after_the_grace_period()
    {
        var space = await SpaceAsync();
        var pod = TestPod.Of(
            space, [], TestPod.Script("main", "trap '' TERM; touch $SHARED/deaf; while true; do sleep 0.1; done"));
        pod.Spec.Containers[0].ReadinessProbe = TestPod.Exec("test -f $SHARED/deaf");
        await fixture.Client.CreateAsync(pod);
        await PodAsync(space, item => item.Has("Ready"), "ready");
        var process = fixture.Node.ProcessId(space, TestPod.Name, "main");

        await fixture.Client.DeletePodAsync(space, grace: 1);
        await fixture.Node.Pods.GoneAsync(space, TestPod.Name);

        Assert.False(Directory.Exists($"/proc/{process}"));
    }

    [Fact]
    public async Task A_pod_deleted_by_force_leaves_no_process()
    {
        var space = await SpaceAsync();
        await fixture.Client.CreateAsync(TestPod.Of(
            space, [TestPod.Sidecar("sidecar", "exec sleep 1000")], TestPod.Script("main", "exec sleep 1000")));
        await PodAsync(space, item => item.Has("Ready"), "ready");
        var processes = new[] { "sidecar", "main" }
            .Select(name => fixture.Node.ProcessId(space, TestPod.Name, name)!.Value).ToArray();

        await fixture.Client.DeletePodAsync(space, grace: 0);
        await Task.WhenAll(processes.Select(EndOfAsync));

        Assert.All(processes, process => Assert.False(Directory.Exists($"/proc/{process}")));
    }

    [Fact]
    public async Task A_pod_on_a_lost_node_is_stopped_and_not_started_again()
    {
        var space = await SpaceAsync();
        await fixture.Client.CreateAsync(TestPod.Of(
            space, [TestPod.Sidecar("sidecar", "exec sleep 1000")], TestPod.Script("main", "exec sleep 1000")));
        await PodAsync(space, item => item.Has("Ready"), "ready");

        await fixture.Node.LosePodAsync(space, TestPod.Name);
        var pod = await PodAsync(
            space, item => item.Container("main")?.State.Terminated is not null, "with its container ended");

        Assert.Equal("Failed", pod.Status.Phase);
        Assert.Equal(0, pod.Container("main")!.RestartCount);
        Assert.Null(fixture.Node.ProcessId(space, TestPod.Name, "main"));
    }

    [Fact]
    public async Task The_status_of_a_pod_is_not_written_to_the_next_pod_of_its_name()
    {
        var space = await SpaceAsync();
        await fixture.Client.CreateAsync(TestPod.Of(space, [], TestPod.Script("main", "exec sleep 1000")));
        var former = await PodAsync(space, item => item.Has("Ready"), "ready");
        await fixture.Client.DeletePodAsync(space, grace: 0);
        await fixture.Node.Pods.GoneAsync(space, TestPod.Name);
        await fixture.Client.CreateAsync(TestPod.Of(space, [], TestPod.Script("main", "exec sleep 1000")));
        await PodAsync(space, item => item.Has("Ready"), "ready again");

        var late = new { metadata = new { uid = former.Metadata.Uid }, status = new { phase = "Failed" } };
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() =>
            fixture.Client.CoreV1.PatchNamespacedPodStatusAsync(
                new V1Patch(KubernetesJson.Serialize(late), V1Patch.PatchType.MergePatch), TestPod.Name, space,
                cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("uid", refusal.Response.Content, StringComparison.OrdinalIgnoreCase);
        var present = await fixture.Client.CoreV1.ReadNamespacedPodAsync(
            TestPod.Name, space, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Running", present.Status.Phase);
    }

    private async Task<string> SpaceAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        await fixture.Client.CreateClaimAsync(space);
        return space;
    }

    private Task<V1Pod> PodAsync(string space, Func<V1Pod, bool> holds, string what) =>
        fixture.Node.Pods.PodAsync(space, TestPod.Name, holds, what);

    private string LogFile(string space) => fixture.Node.HostPath(space, TestPod.Name, "main", "/shared/log");

    private async Task<string[]> LogAsync(string space) =>
        await File.ReadAllLinesAsync(LogFile(space), TestContext.Current.CancellationToken);

    private static async Task EndOfAsync(int process)
    {
        using var handle = System.Diagnostics.Process.GetProcesses().FirstOrDefault(item => item.Id == process);
        if (handle is not null)
            await handle.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
