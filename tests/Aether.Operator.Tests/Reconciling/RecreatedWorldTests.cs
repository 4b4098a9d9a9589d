using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using NATS.Client.JetStream;
using Npgsql;

namespace Aether.Operator.Tests.Reconciling;

public sealed class RecreatedWorldTests(FailingOnceCluster cluster) : IClassFixture<FailingOnceCluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PostgreSQL")]
    [InlineData("NATS")]
    public async Task World_gets_schema_and_journal_although_a_store_failed_during_their_recreation(string store)
    {
        var world = await cluster.WaitReadyAsync(await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", """{"wal":{"journal":"JetStream"}}"""));
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var nats = StoreClients.Connect(cluster.Nats);
        await admin.CreateCommand($"DROP TABLE \"{names.Schema}\".snapshots CASCADE").ExecuteNonQueryAsync(Stop);
        await new NatsJSContext(nats).DeleteStreamAsync(names.JournalStream, Stop);
        await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.SchemaLost));
        await cluster.WaitReasonAsync(world, "NatsReady", nameof(StoreReason.StreamLost));

        cluster.FailOnce(store == StoreName.Postgres.Display ? StoreName.Postgres : StoreName.Nats);
        var accepted = $$"""{"{{OperatorNames.AcceptLossAnnotation}}":"{{world.Metadata.Uid}}"}""";
        await cluster.PatchWorldAsync(world, $$"""{"metadata":{"annotations":{{accepted}} } }""");

        await cluster.WaitAsync(world, current =>
            current.Metadata.Annotations?.ContainsKey(OperatorNames.AcceptLossAnnotation) != true);
        await cluster.WaitReadyAsync(world);
        Assert.True(cluster.HasFailed);
        await new NatsJSContext(nats).GetStreamAsync(names.JournalStream, cancellationToken: Stop);
    }
}
