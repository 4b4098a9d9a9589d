using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.V1;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>Restarting a world whose journal in JetStream is lost, as described in docs/operator.md.</summary>
public sealed class LostJournalTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_world_that_lost_its_journal_runs_again_once_its_schema_is_dropped()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync("""{"wal":{"journal":"JetStream"}}""");
        await world.Pods.RunAsync(world.Pods.Of("one"));
        using (var agent = world.Pods.Agent("one"))
            await agent.PutAsync("lost", "1", Durability.Replicated);
        await world.Pods.RemoveAsync("one", grace: 20);
        await bed.Stores.JetStreamAsync($"STREAM.DELETE.{world.Names.JournalStream}", Stop);
        await world.UntilAsync("NatsReady", "False", "StreamLost");

        await bed.Stores.ExecuteAsync(
            $"ALTER SCHEMA \"{world.Names.Schema}\" RENAME TO \"kept_{Guid.NewGuid():N}\"", Stop);
        await world.MergeAsync(
            $$"""{"metadata":{"annotations":{"persistence.aether.dev/accept-data-loss":"{{world.Uid}}"} } }""");
        await world.UntilAsync("NatsReady", "True", "JournalOnOneServer");
        await world.ReadyAsync();

        await world.Pods.RunAsync(world.Pods.Of("two"));
        using var next = world.Pods.Agent("two");
        Assert.Null(await next.GetAsync("lost"));
        await next.PutAsync("found", "2", Durability.Replicated);
        Assert.Equal("2", await next.GetAsync("found"));
    }
}
