using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>How the API server's admission changes pods.</summary>
public sealed class InjectionTests(SharedCluster shared)
{
    [Fact]
    public async Task A_labelled_pod_gets_the_agent_first_as_a_native_sidecar()
    {
        var spec = await InjectedAsync();

        Assert.Equal([AetherNames.AgentContainer, "prepare"], Names(spec["initContainers"]));
        Assert.Equal(["world", "chat"], Names(spec["containers"]));
        Assert.Equal("Always", (string?)Agent(spec)["restartPolicy"]);
        Assert.Equal(ProgramImages.AgentImage, (string?)Agent(spec)["image"]);
    }

    [Fact]
    public async Task Secret_and_log_are_the_agents_alone_and_sockets_are_shared()
    {
        var world = await (await shared.StartedAsync()).ReadyWorldAsync(
            """{"wal":{"volume":{"persistentVolumeClaim":{"claimName":"log"}}}}""");

        var spec = await InjectedAsync(world);

        var volumes = spec["volumes"]!.AsArray().ToDictionary(volume => (string)volume!["name"]!, volume => volume!);
        var secret = volumes.Single(volume =>
            (string?)volume.Value["projected"]?["sources"]?[0]?["secret"]?["name"] == world.Names.Secret).Key;
        var log = volumes.Single(volume =>
            (string?)volume.Value["persistentVolumeClaim"]?["claimName"] == "log").Key;
        var sockets = volumes.Single(volume => volume.Value["emptyDir"] is not null).Key;
        Assert.Equal([AetherNames.SocketDirectory, AetherNames.ConfigDirectory, AetherNames.WalDirectory],
            new[] { sockets, secret, log }.Select(volume => MountPath(Agent(spec), volume)));
        Assert.All(WorldContainers(spec), container =>
        {
            Assert.Equal(AetherNames.SocketDirectory, MountPath(container, sockets));
            Assert.Null(MountPath(container, secret));
            Assert.Null(MountPath(container, log));
        });
    }

    [Fact]
    public async Task The_world_waits_for_recovery_but_liveness_does_not()
    {
        var agent = Agent(await InjectedAsync());

        Assert.Equal("/readyz", (string?)agent["startupProbe"]!["httpGet"]!["path"]);
        Assert.True((int)agent["startupProbe"]!["failureThreshold"]! >= 3600);
        Assert.Equal("/healthz", (string?)agent["livenessProbe"]!["httpGet"]!["path"]);
        Assert.Equal(AetherNames.HealthPort, (int)agent["livenessProbe"]!["httpGet"]!["port"]!);
    }

    [Fact]
    public async Task The_agent_is_confined_and_asks_for_resources()
    {
        var agent = Agent(await InjectedAsync());

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(
            """
            {"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true,
             "runAsGroup":65532,"runAsNonRoot":true,"runAsUser":65532,"seccompProfile":{"type":"RuntimeDefault"}}
            """), agent["securityContext"]), agent["securityContext"]!.ToJsonString());
        Assert.NotNull(agent["resources"]!["requests"]!["memory"]);
        Assert.NotNull(agent["resources"]!["requests"]!["cpu"]);
    }

    [Fact]
    public async Task The_pod_contains_no_password()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();

        var spec = (await InjectedAsync(world)).ToJsonString();

        var secret = await world.SecretAsync();
        string[] secrets =
            [AetherVariables.PostgresPassword, AetherVariables.RedisPassword, AetherVariables.NatsCredentials];
        Assert.All(
            secrets.SelectMany(key => Encoding.UTF8.GetString(secret.Data[key])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            line => Assert.DoesNotContain(line, spec));
    }

    [Fact]
    public async Task A_pod_that_already_has_the_agent_is_not_changed()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        var first = await bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("first", world.Name));

        var copy = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = "second",
                ["labels"] = first["metadata"]!["labels"]!.DeepClone(),
                ["annotations"] = first["metadata"]!["annotations"]!.DeepClone(),
            },
            ["spec"] = first["spec"]!.DeepClone(),
        };
        var second = await bed.Client.CreatePodAsync(world.Namespace, copy);

        Assert.True(JsonNode.DeepEquals(first["spec"], second["spec"]), second["spec"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(first["metadata"]!["annotations"], second["metadata"]!["annotations"]));
    }

    [Fact]
    public async Task A_pod_without_the_label_is_not_changed()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();

        var pod = await bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("plain", null));

        Assert.Equal(["prepare"], Names(pod["spec"]!["initContainers"]));
        Assert.Null(pod["spec"]!["volumes"]);
        Assert.Null(pod["metadata"]!["annotations"]);
        Assert.All(WorldContainers(pod["spec"]!), container => Assert.Null(container["env"]));
    }

    [Fact]
    public async Task A_dry_run_is_injected_and_leaves_nothing()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        var before = await world.ContentsAsync();

        var pod = await bed.Client.CreatePodAsync(
            world.Namespace, LabelledPod.Of("dry", world.Name), "?dryRun=All");

        Assert.Equal(AetherNames.AgentContainer, Names(pod["spec"]!["initContainers"])[0]);
        Assert.False(await bed.Client.HasPodAsync(world.Namespace, "dry"));
        Assert.Equal(before.All, (await world.ContentsAsync()).All);
    }

    [Fact]
    public async Task Pod_of_an_unknown_world_is_refused_with_a_remedy()
    {
        var bed = await shared.StartedAsync();
        var @namespace = await bed.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<ApiException>(() =>
            bed.Client.CreatePodAsync(@namespace, LabelledPod.Of("lost", "atlantis")));

        Assert.Equal(HttpStatusCode.Forbidden, refusal.Status);
        Assert.Contains($"WorldPersistence atlantis in namespace {@namespace} does not exist. Create it first, or "
            + $"remove the label {AetherNames.WorldLabel} from the pod.", refusal.Message);
        Assert.False(await bed.Client.HasPodAsync(@namespace, "lost"));
    }

    [Fact]
    public async Task A_pod_of_a_paused_world_is_refused_until_it_is_resumed()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        await world.MergeAsync("""{"spec":{"paused":true}}""");
        await world.UntilAsync("Ready", "False", "Paused");

        var refusal = await Assert.ThrowsAsync<ApiException>(() =>
            bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("early", world.Name)));

        Assert.Contains("is paused. Set spec.paused to false, then create the pod.", refusal.Message);
        await world.MergeAsync("""{"spec":{"paused":false}}""");
        await bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("early", world.Name));
    }

    private async Task<JsonNode> InjectedAsync(TestWorld? world = null)
    {
        var bed = await shared.StartedAsync();
        world ??= await bed.ReadyWorldAsync();
        var pod = await bed.Client.CreatePodAsync(world.Namespace, LabelledPod.Of("economy-0", world.Name));
        return pod["spec"]!;
    }

    private static string[] Names(JsonNode? items) =>
        [.. items!.AsArray().Select(item => (string)item!["name"]!)];

    private static JsonNode Agent(JsonNode spec) => spec["initContainers"]![0]!;

    private static IEnumerable<JsonNode> WorldContainers(JsonNode spec) =>
        spec["initContainers"]!.AsArray().Concat(spec["containers"]!.AsArray())
            .Where(container => (string?)container!["name"] != AetherNames.AgentContainer)
            .Select(container => container!);

    private static string? MountPath(JsonNode container, string volume) =>
        (string?)container["volumeMounts"]?.AsArray()
            .SingleOrDefault(mount => (string?)mount!["name"] == volume)?["mountPath"];
}
