using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Operator.Reconciling;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.JetStream;
using Npgsql;

namespace Aether.Operator.Tests.Reconciling;

/// <content>Retention, deletion, lost stores and diverged commits.</content>
public sealed partial class WorldPersistenceReconcilerTests
{
    [Fact]
    public async Task Deletion_retains_a_durable_worlds_stores_and_an_heir_adopts_them_on_request()
    {
        var world = await ReadyWorldAsync();
        var @namespace = world.Metadata.NamespaceProperty;
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await admin.CreateCommand($"UPDATE \"{world.Status.Stores!.Schema}\".world SET epoch = 9")
            .ExecuteNonQueryAsync(Stop);

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        await cluster.WaitGoneAsync(world);
        var heir = await cluster.CreateWorldAsync(@namespace, world.Metadata.Name, "{}");
        heir = await cluster.WaitAsync(heir, current => new[] { "PostgresReady", "RedisReady", "NatsReady" }.All(type =>
            Cluster.Condition(current, type)?.Reason == nameof(StoreReason.OwnedByAnother)));
        await AnnotateAsync(heir, AetherNames.AdoptAnnotation, world.Metadata.Uid);
        heir = await cluster.WaitReadyAsync(heir);

        await using var own = OwnDatabase(await SettingsAsync(heir));
        Assert.Equal(9L, await own.CreateCommand("SELECT epoch FROM world").ExecuteScalarAsync(Stop));
        await cluster.WaitEventAsync(world, WorldEvents.StoresRetained, world.Metadata.Uid);
    }

    [Fact]
    public async Task Heir_without_stores_starts_empty_only_after_its_adoption_annotation_is_removed()
    {
        var adopted = Guid.NewGuid().ToString();
        var heir = await cluster.CreateWorldAsync(
            await cluster.NewNamespaceAsync(), "arena", """{"wal":{"journal":"JetStream"}}""", adopted);

        heir = await cluster.WaitReasonAsync(heir, "PostgresReady", nameof(StoreReason.SchemaLost));
        heir = await cluster.WaitReasonAsync(heir, "NatsReady", nameof(StoreReason.StreamLost));
        await AnnotateAsync(heir, AetherNames.AdoptAnnotation, null);

        Assert.Contains(adopted, Cluster.Condition(heir, "PostgresReady")!.Message, StringComparison.Ordinal);
        await cluster.WaitReadyAsync(heir);
    }

    [Fact]
    public async Task Heir_without_its_journal_is_not_started_empty_beside_its_snapshots()
    {
        const string spec = """{"wal":{"journal":"JetStream"}}""";
        var world = await ReadyWorldAsync(spec);
        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        await cluster.WaitGoneAsync(world);
        await using var nats = StoreClients.Connect(cluster.Nats);
        var names = WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);
        await new NatsJSContext(nats).DeleteStreamAsync(names.JournalStream, Stop);

        var heir = await cluster.CreateWorldAsync(names.Namespace, names.Name, spec, world.Metadata.Uid);
        await cluster.WaitReasonAsync(heir, "PostgresReady", nameof(StoreReason.Provisioned));
        heir = await cluster.WaitReasonAsync(heir, "NatsReady", nameof(StoreReason.StreamLost));
        await AnnotateAsync(heir, AetherNames.AdoptAnnotation, null);

        heir = await cluster.WaitAsync(heir, current => Cluster.Condition(current, "NatsReady")!.Message.Contains(
            "The operator does not replace it with an empty stream", StringComparison.Ordinal));
        Assert.Equal("False", Cluster.Condition(heir, "NatsReady")!.Status);
        await Assert.ThrowsAsync<NatsJSApiException>(
            async () => await new NatsJSContext(nats).GetStreamAsync(names.JournalStream, cancellationToken: Stop));
    }

    [Fact]
    public async Task Deletion_of_an_ephemeral_world_drops_its_stores()
    {
        var world = await ReadyWorldAsync("""{"class":"Ephemeral"}""");
        var stores = world.Status.Stores!;

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        await cluster.WaitGoneAsync(world);

        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await using var redis = await StoreClients.ConnectAsync(cluster.Redis);
        await using var nats = StoreClients.Connect(cluster.Nats);
        Assert.Equal(0L, await admin.CreateCommand(
            $"SELECT count(*) FROM pg_roles WHERE rolname = {SqlText.Literal(stores.Role)}").ExecuteScalarAsync(Stop));
        Assert.Equal(0L, await admin.CreateCommand(
            $"SELECT count(*) FROM pg_namespace WHERE nspname = {SqlText.Literal(stores.Schema)}")
            .ExecuteScalarAsync(Stop));
        Assert.True((await redis.GetDatabase().ExecuteAsync("ACL", "GETUSER", stores.RedisUser)).IsNull);
        await Assert.ThrowsAsync<NatsJSApiException>(
            async () => await new NatsJSContext(nats).GetStreamAsync(stores.EventStream, cancellationToken: Stop));
        Assert.Null(await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop));
    }

    [Fact]
    public async Task Unreachable_store_blocks_deletion_until_the_policy_is_Retain()
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name);
        var world = await ReadyWorldAsync($$$"""{"deletionPolicy":"Delete","backendRef":{"name":"{{{name}}}"}}""");
        await cluster.PatchBackendAsync(name, """{"spec":{"nats":{"urls":["nats://127.0.0.1:1"]}}}""");

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);
        world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.DeletionBlocked));
        await cluster.PatchWorldAsync(world, """{"spec":{"deletionPolicy":"Retain"}}""");

        await cluster.WaitGoneAsync(world);
        Assert.Contains("Retain", Cluster.Condition(world, WorldConditions.Ready)!.Message, StringComparison.Ordinal);
        await cluster.WaitEventAsync(world, nameof(WorldReason.DeletionBlocked), "127.0.0.1:1");
    }

    [Theory]
    [InlineData("""{"spec":{"deletionPolicy":"Retain"}}""")]
    [InlineData("""{"spec":{"paused":true}}""")]
    public async Task Stale_copy_of_a_changed_world_drops_nothing(string change)
    {
        var world = await ReadyWorldAsync("""{"deletionPolicy":"Delete"}""");
        world.Metadata.DeletionTimestamp = TimeProvider.System.GetUtcNow().UtcDateTime;
        await cluster.PatchWorldAsync(world, change);
        var drops = new DropCounter();
        var finalizer = new WorldFinalizer(
            cluster.Objects, drops, cluster.Service<BackendResolver>(), cluster.Service<WorldSecret>(), [drops],
            TimeProvider.System, NullLogger<WorldFinalizer>.Instance);

        var stale = await finalizer.FinalizeAsync(world, Stop);

        Assert.False(stale.IsSuccess);
        Assert.Equal(0, drops.Drops);
        Assert.NotNull(await cluster.Objects.TryGetAsync<V1Secret>(SecretOf(world), Stop));
    }

    [Fact]
    public async Task A_lost_schema_is_not_replaced_until_its_loss_is_accepted()
    {
        var world = await ReadyWorldAsync();
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await admin.CreateCommand($"DROP SCHEMA \"{world.Status.Stores!.Schema}\" CASCADE").ExecuteNonQueryAsync(Stop);

        world = await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.SchemaLost));
        await AnnotateAsync(world, OperatorNames.AcceptLossAnnotation, world.Metadata.Uid);

        await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.Provisioned));
        Assert.Equal("Degraded", world.Status.Phase);
    }

    [Fact]
    public async Task Journal_in_JetStream_causes_a_warning_and_its_lost_stream_is_not_replaced()
    {
        const string spec = """{"wal":{"journal":"JetStream"}}""";
        var world = await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", spec);
        await cluster.WaitEventAsync(world, nameof(StoreReason.JournalOnOneServer), "sync_interval");
        world = await cluster.WaitReadyAsync(world);
        var settings = await SettingsAsync(world);
        var stream = settings[AetherVariables.NatsJournalStream];
        await using var nats = StoreClients.Connect(cluster.Nats);
        await new NatsJSContext(nats).DeleteStreamAsync(stream, Stop);

        world = await cluster.WaitReasonAsync(world, "NatsReady", nameof(StoreReason.StreamLost));

        Assert.Equal("JetStream", settings[AetherVariables.WalJournal]);
        Assert.True(world.Status.Stores!.JournalProvisioned);
        await Assert.ThrowsAsync<NatsJSApiException>(
            async () => await new NatsJSContext(nats).GetStreamAsync(stream, cancellationToken: Stop));
    }

    [Fact]
    public async Task Journal_is_recreated_only_together_with_the_schema_of_its_snapshots()
    {
        var world = await ReadyWorldAsync("""{"wal":{"journal":"JetStream"}}""");
        var (stores, stream) = (world.Status.Stores!, JournalOf(world));
        await using var nats = StoreClients.Connect(cluster.Nats);
        await new NatsJSContext(nats).DeleteStreamAsync(stream, Stop);
        world = await cluster.WaitReasonAsync(world, "NatsReady", nameof(StoreReason.StreamLost));
        await AnnotateAsync(world, OperatorNames.AcceptLossAnnotation, world.Metadata.Uid);
        await WaitReconcileAsync(world);

        world = (await cluster.Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), Stop))!;
        Assert.Equal(nameof(StoreReason.StreamLost), Cluster.Condition(world, "NatsReady")!.Reason);
        Assert.Contains(OperatorNames.AcceptLossAnnotation, world.Metadata.Annotations);
        Assert.Contains(
            $"rename or drop schema {stores.Schema}", Cluster.Condition(world, "NatsReady")!.Message,
            StringComparison.Ordinal);
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await admin.CreateCommand($"ALTER SCHEMA \"{stores.Schema}\" RENAME TO \"kept_{Guid.NewGuid():N}\"")
            .ExecuteNonQueryAsync(Stop);
        await WaitAcceptanceTakenOffAsync(world);
        await cluster.WaitReadyAsync(world);
        await new NatsJSContext(nats).GetStreamAsync(stream, cancellationToken: Stop);
    }

    [Fact]
    public async Task Schema_is_not_recreated_beside_the_journal_that_continues_it()
    {
        var world = await ReadyWorldAsync("""{"wal":{"journal":"JetStream"}}""");
        var stream = JournalOf(world);
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        await admin.CreateCommand($"DROP TABLE \"{world.Status.Stores!.Schema}\".snapshots CASCADE")
            .ExecuteNonQueryAsync(Stop);
        world = await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.SchemaLost));
        await AnnotateAsync(world, OperatorNames.AcceptLossAnnotation, world.Metadata.Uid);
        await WaitReconcileAsync(world);

        world = (await cluster.Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), Stop))!;
        Assert.Equal(nameof(StoreReason.SchemaLost), Cluster.Condition(world, "PostgresReady")!.Reason);
        Assert.Contains(
            $"remove JetStream stream {stream}", Cluster.Condition(world, "PostgresReady")!.Message,
            StringComparison.Ordinal);
        await using var nats = StoreClients.Connect(cluster.Nats);
        await new NatsJSContext(nats).DeleteStreamAsync(stream, Stop);
        await cluster.WaitEventAsync(world, WorldEvents.DriftRepaired, "aether_lost_");
        await WaitAcceptanceTakenOffAsync(world);
        await cluster.WaitReadyAsync(world);
    }

    [Fact]
    public async Task Acceptance_without_a_loss_is_removed_and_recreates_nothing()
    {
        var world = await ReadyWorldAsync();
        var key = ObjectKey.Of(world);
        var stored = (await cluster.Objects.TryGetAsync<WorldPersistence>(key, Stop))!;
        stored.Status.LastDivergence = new WorldDivergenceStatus
        {
            Number = 3,
            VolumeId = Guid.NewGuid().ToString(),
            FoundAt = "2026-11-28T12:00:00Z",
        };
        await cluster.Objects.ReplaceStatusAsync(stored, Stop);

        await AnnotateAsync(world, OperatorNames.AcceptLossAnnotation, world.Metadata.Uid);

        world = await WaitAcceptanceTakenOffAsync(world);
        Assert.Equal(3, world.Status.LastDivergence?.Number);
    }

    [Fact]
    public async Task A_lost_table_is_reported_and_its_loss_is_accepted_once()
    {
        var world = await ReadyWorldAsync();
        await using var admin = NpgsqlDataSource.Create(cluster.Postgres.AdminConnectionString);
        var drop = $"DROP TABLE \"{world.Status.Stores!.Schema}\".journal_blocks";
        await admin.CreateCommand(drop).ExecuteNonQueryAsync(Stop);

        world = await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.SchemaLost));
        await AnnotateAsync(world, OperatorNames.AcceptLossAnnotation, world.Metadata.Uid);
        await cluster.WaitEventAsync(world, WorldEvents.DriftRepaired, "aether_lost_");
        world = await WaitAcceptanceTakenOffAsync(world);
        await cluster.WaitReadyAsync(world);
        await admin.CreateCommand(drop).ExecuteNonQueryAsync(Stop);

        world = await cluster.WaitReasonAsync(world, "PostgresReady", nameof(StoreReason.SchemaLost));
        Assert.Contains("journal_blocks", Cluster.Condition(world, "PostgresReady")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diverged_tails_are_each_reported_once_and_the_last_one_is_kept_in_the_status()
    {
        var world = await ReadyWorldAsync("{}");
        await using var own = OwnDatabase(await SettingsAsync(world));
        await RecordAsync(own, "diverged/1-11");
        await cluster.WaitAsync(world, current => current.Status.LastDivergence?.Folder == "diverged/1-11");

        await RecordAsync(own, "diverged/3-40");
        world = await cluster.WaitAsync(
            world, current => current.Status.LastDivergence?.Folder == "diverged/3-40");

        var tail = world.Status.LastDivergence!;
        Assert.Equal((2L, 11L, 13L, "arena-1"), (tail.Number, tail.FirstCommit, tail.LastCommit, tail.OvertakenBy));
        var second = await cluster.WaitEventAsync(world, WorldEvents.CommitsDiverged, "diverged/3-40");
        var first = await cluster.WaitEventAsync(world, WorldEvents.CommitsDiverged, "diverged/1-11");
        Assert.Equal(("Warning", "Warning"), (first.Type, second.Type));
        Assert.Equal((null, null), (first.Series, second.Series));

        Task RecordAsync(NpgsqlDataSource database, string folder) => database.CreateCommand(
            $"""
            INSERT INTO diverged_tails
              (volume_id, epoch, first_sequence, last_sequence, folder, overtaken_by, found_at)
            VALUES (gen_random_uuid(), 1, 11, 13, '{folder}', 'arena-1', now())
            """).ExecuteNonQueryAsync(Stop);
    }

    private Task<WorldPersistence> WaitAcceptanceTakenOffAsync(WorldPersistence world) => cluster.WaitAsync(
        world, current => current.Metadata.Annotations?.ContainsKey(OperatorNames.AcceptLossAnnotation) != true);

    private static string JournalOf(WorldPersistence world) =>
        WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name).JournalStream;
}
