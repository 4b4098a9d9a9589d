using Aether.Operator.Provisioning;
using Npgsql;

namespace Aether.Operator.Tests.Reconciling;

public sealed class LossAcceptanceTests(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task An_acceptance_whose_use_was_not_recorded_does_not_wait_for_Redis_and_accept_the_next_loss()
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name);
        var world = await cluster.WaitReadyAsync(await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", $$$"""{"backendRef":{"name":"{{{name}}}"}}"""));
        await cluster.PatchBackendAsync(name, """{"spec":{"redis":{"endpoint":"127.0.0.1:1"}}}""");
        await cluster.WaitReasonAsync(world, "RedisReady", nameof(StoreReason.Unreachable));

        // A reconcile recreated the world's stores, and a conflict prevented its last status write. Paused, so that the
        // operator sees the whole resulting state at once.
        var accepted = $$"""{"{{OperatorNames.AcceptLossAnnotation}}":"{{world.Metadata.Uid}}"}""";
        await cluster.PatchWorldAsync(
            world, $$$"""{"metadata":{"annotations":{{{accepted}}} },"spec":{"paused":true} }""");
        await cluster.EditStatusAsync(world, status => status.Stores!.SchemaProvisioned = null);
        await cluster.PatchWorldAsync(world, """{"spec":{"paused":false}}""");

        world = await cluster.WaitAsync(world, current =>
            current.Metadata.Annotations?.ContainsKey(OperatorNames.AcceptLossAnnotation) != true);
        Assert.Equal("False", Cluster.Condition(world, "RedisReady")!.Status);
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await admin.CreateCommand($"DROP TABLE \"{world.Status.Stores!.Schema}\".journal_blocks")
            .ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.SchemaLost));
    }
}
