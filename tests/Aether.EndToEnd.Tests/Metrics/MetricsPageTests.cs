using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.EndToEnd.Tests.Metrics;

/// <summary>docs/metrics.md lists exactly the metrics of a real agent and a real operator.</summary>
public sealed class MetricsPageTests(SharedCluster shared)
{
    private static readonly MetricsPage Page = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_has_every_metric_of_an_agent_and_no_other()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync("""{"quota":{"stateBytes":"512Mi"}}""");
        var pod = await world.Pods.RunAsync(world.Pods.Of("measured"));
        using var agent = world.Pods.Agent("measured");
        await UseAsync(agent);

        var scrape = await Scrape.FromAgentAsync(pod, Stop);

        AssertSame(Page.Section("Agent"), scrape);
        Assert.Equal(1, scrape.Samples["aether_commits_total{durability=\"Fsync\"}"]);
        Assert.Equal(1, scrape.Samples["aether_idempotency_hits_total"]);
        Assert.Equal(1, scrape.Samples["aether_commit_rejections_total{reason=\"VersionMismatch\"}"]);
        Assert.Equal(1, scrape.Samples["aether_snapshot_seconds_count"]);
    }

    [Fact]
    public async Task The_page_has_every_metric_of_the_operator_and_no_other()
    {
        var bed = await shared.StartedAsync();
        await bed.ReadyWorldAsync();

        var scrape = await Scrape.FromOperatorAsync(bed, Stop);

        AssertSame(Page.Section("Operator"), scrape);
        Assert.True(scrape.Samples["aether_operator_worlds{class=\"Durable\",phase=\"Ready\"}"] >= 1);
    }

    // Commits of every durability, a repeated one, a refused one, a snapshot, an event.
    private static async Task UseAsync(AgentClient agent)
    {
        foreach (var durability in Enum.GetValues<Durability>().Where(level => level != Durability.Unspecified))
            await agent.PutAsync($"{durability}", "x", durability);
        var once = new CommitRequest
        {
            Durability = Durability.Replicated,
            IdempotencyKey = "once",
            Mutations = { new Mutation { Key = new StateKey { Kind = "thing", Id = "once" }, Put = ByteString.Empty } },
        };
        await agent.World.CommitAsync(once, cancellationToken: Stop);
        await agent.World.CommitAsync(once, cancellationToken: Stop);
        var stale = once.Clone();
        stale.IdempotencyKey = "";
        stale.Mutations[0].ExpectedVersion = 0;
        await Assert.ThrowsAsync<RpcException>(
            async () => await agent.World.CommitAsync(stale, cancellationToken: Stop));
        await agent.World.SnapshotAsync(new SnapshotRequest(), cancellationToken: Stop);
        await agent.PublishAsync("test.measured");
    }

    private static void AssertSame(IReadOnlyList<MetricFamily> page, Scrape scrape)
    {
        var ours = scrape.Families
            .Where(family => family.Name.StartsWith("aether_", StringComparison.Ordinal))
            .ToList();

        Assert.Equal(page.Select(family => family.Shape).Order(), ours.Select(family => family.Shape).Order());
        Assert.Equal(
            Page.OfAnyProcess.Order(), scrape.Families.Except(ours).Select(family => family.Name).Order());
        Assert.All(
            page.Where(family => !family.Name.EndsWith("_info", StringComparison.Ordinal)),
            family => Assert.Equal(family.Labels, ours.Single(other => other.Name == family.Name).Labels));
    }
}
