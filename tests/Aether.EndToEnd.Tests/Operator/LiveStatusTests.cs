using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers.Processes;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Durability = Aether.Persistence.V1.Durability;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>The status of a world follows its agents, and says when it cannot.</summary>
public sealed class LiveStatusTests(OwnCluster own) : IClassFixture<OwnCluster>
{
    private const string Pod = "economy-0";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Live_status_follows_a_world_through_a_kill_an_absent_operator_and_a_silent_agent()
    {
        var bed = own.Bed;
        var world = await bed.ReadyWorldAsync("""{"snapshot":{"interval":"1s"}}""");
        await world.Pods.RunAsync(world.Pods.Of(Pod));
        using (var agent = world.Pods.Agent(Pod))
            await agent.PutAsync("a", "x", Durability.Replicated);

        await StatusAsync(world, status => status["lastSnapshot"] is not null, "a snapshot");
        var table = await WorldTable.ReadAsync(bed.Client, world.Namespace, Stop);
        Assert.Equal(
            ["NAME", "CLASS", "PHASE", "EPOCH", "HOLDER", "RPO", "SNAPSHOT", "OUTDATED", "AGE"], Cells(table[0]));
        Assert.Equal(["economy", "Durable", "Running", "1", Pod, "0s"], Cells(table[1])[..6]);
        Assert.Equal(9, Cells(table[1]).Length);

        bed.Cluster.Node.Send(world.Namespace, Pod, AetherNames.AgentContainer, UnixSignal.Kill);
        var killed = await StatusAsync(world, status => (int?)status["epoch"] == 2 && IsRunning(status), "epoch 2");
        Assert.Equal((Pod, 1), ((string?)killed["holder"], (int?)killed["agents"]!["ready"]));

        await bed.Cluster.Operator.StopAsync();
        bed.Cluster.Node.Send(world.Namespace, Pod, AetherNames.AgentContainer, UnixSignal.Kill);
        await KeptAsync(bed, world, report => report is { Epoch: 3, Phase: RuntimePhase.Running });
        bed.Cluster.Node.Send(world.Namespace, Pod, AetherNames.AgentContainer, UnixSignal.Stop);
        await bed.Cluster.Operator.StartAsync(Stop);
        await StatusAsync(world, status => (int?)status["epoch"] == 3, "epoch 3, which the operator has no report of");

        var silent = await StatusAsync(
            world, status => (string?)status["phase"] == "Silent", "the silence of a frozen agent");
        Assert.Equal(Pod, (string?)silent["holder"]);
        Assert.False(silent.ContainsKey("rpo"));
        await world.EventAsync("AgentSilent", Pod);

        bed.Cluster.Node.Send(world.Namespace, Pod, AetherNames.AgentContainer, UnixSignal.Continue);
        await StatusAsync(world, IsRunning, "an agent that is heard of again");

        await world.Pods.RemoveAsync(Pod, grace: 20);
        var stopped = await StatusAsync(world, status => (string?)status["agentPhase"] == "Stopped", "a final report");
        Assert.Equal("Ready", (string?)stopped["phase"]);
        Assert.False(stopped.ContainsKey("holder"));
    }

    private static bool IsRunning(JsonObject status) =>
        (string?)status["phase"] == "Running" && (string?)status["agentPhase"] == "Running";

    private static string[] Cells(string row) =>
        row.Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task<JsonObject> StatusAsync(TestWorld world, Func<JsonObject, bool> holds, string what) =>
        (await own.Bed.Cluster.Worlds.UntilAsync(
            worlds => worlds.FirstOrDefault(item =>
                item.Metadata.Uid == world.Uid && item.Status is { } status && holds(status)),
            $"the status of {world.Namespace}/{world.Name} to show {what}",
            Waiting.Step + Waiting.Step,
            Stop)).Status!;

    private static async Task KeptAsync(TestBed bed, TestWorld world, Func<AgentReport, bool> holds)
    {
        var stream = await new NatsJSContext(bed.Stores.Nats).GetStreamAsync(
            AetherNames.ReportStream, cancellationToken: Stop);
        var request = new StreamMsgGetRequest
        {
            LastBySubj = WorldNames.ReportSubject(world.Names.SubjectPrefix, Pod),
        };
        using var deadline = new CancellationTokenSource(Waiting.Step, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Stop);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        do
        {
            var message = (await stream.GetAsync(request, either.Token)).Message;
            if (AgentReport.TryRead(message.Data.Span) is { } report && holds(report))
                return;
        }
        while (await look.WaitForNextTickAsync(either.Token));
    }
}
