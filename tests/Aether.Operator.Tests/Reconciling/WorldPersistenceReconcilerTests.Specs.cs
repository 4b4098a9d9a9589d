using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Tests.Kinds;
using k8s.Autorest;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <content>Valid and invalid specs, and immutable fields.</content>
public sealed partial class WorldPersistenceReconcilerTests
{
    [Theory]
    [InlineData("""{"wal":{"enabled":false}}""", "spec.wal.enabled")]
    [InlineData("""{"class":"Ephemeral","wal":{"defaultDurability":"Fsync"}}""", "spec.wal.defaultDurability")]
    [InlineData("""{"snapshot":{"store":"Redis"}}""", "spec.snapshot.store")]
    [InlineData("""{"wal":{"flushInterval":"1h"}}""", "spec.wal.flushInterval")]
    [InlineData("""{"wal":{"journal":"Kafka"}}""", "spec.wal.journal")]
    [InlineData("""{"class":"Ephemeral","wal":{"journal":"JetStream"}}""", "spec.wal.journal")]
    [InlineData("""{"wal":{"volume":{}}}""", "spec.wal.volume")]
    [InlineData("""{"criticalState":{"kinds":{"a,b":"High"}}}""", "spec.criticalState.kinds")]
    [InlineData("""{"events":{"replicas":9}}""", "spec.events.replicas")]
    public async Task The_API_server_refuses_a_bad_spec_with_its_field(string spec, string path)
    {
        var @namespace = await cluster.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<HttpOperationException>(
            () => cluster.CreateWorldAsync(@namespace, "arena", spec));

        Assert.Contains(path, refusal.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Class_and_backend_cannot_be_changed()
    {
        var world = await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", "{}");

        var otherClass = await Assert.ThrowsAsync<ApiException>(
            () => cluster.PatchWorldAsync(world, """{"spec":{"class":"Ephemeral"}}"""));
        var otherBackend = await Assert.ThrowsAsync<ApiException>(
            () => cluster.PatchWorldAsync(world, """{"spec":{"backendRef":{"name":"other"}}}"""));

        Assert.Contains("immutable", otherClass.Message, StringComparison.Ordinal);
        Assert.Contains("immutable", otherBackend.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "Postgres")]
    [InlineData("{}", "Volume")]
    [InlineData("""{"store":"Redis"}""", "Volume")]
    [InlineData("""{"store":"Volume"}""", null)]
    [InlineData("""{"store":"Postgres"}""", null)]
    public async Task The_store_of_snapshots_cannot_be_changed(string snapshot, string? other)
    {
        var world = await CreatePausedAsync(snapshot);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => SetSnapshotStoreAsync(world, other));

        Assert.Contains("spec.snapshot.store is immutable", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "Redis")]
    [InlineData("""{"store":"Redis"}""", null)]
    public async Task Snapshot_store_may_be_set_or_omitted_if_that_changes_nothing(
        string snapshot, string? same)
    {
        var world = await CreatePausedAsync(snapshot);

        world = await SetSnapshotStoreAsync(world, same);

        Assert.Equal(same, world.Spec.Snapshot.Store);
    }

    [Fact]
    public async Task Name_that_is_too_long_for_a_pods_label_is_refused()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        var longest = new string('a', 60) + ".9z";

        var world = await cluster.CreateWorldAsync(@namespace, longest, Paused);
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(
            () => cluster.CreateWorldAsync(@namespace, longest + "z", Paused));

        Assert.Equal(longest, world.Metadata.Name);
        Assert.Contains("at most 63 characters", refusal.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_spec_that_bypassed_the_schema_is_reported_and_can_be_deleted()
    {
        var @namespace = await cluster.NewNamespaceAsync();
        var key = new ObjectKey(null, $"{WorldPersistence.Plural}.persistence.aether.dev");
        await ReplaceSchemaAsync(
            key, new V1JSONSchemaProps { Type = "object", XKubernetesPreserveUnknownFields = true });
        WorldPersistence world;
        try
        {
            world = await CreateOnceLaxAsync(@namespace);
            world = await cluster.WaitReasonAsync(world, WorldConditions.Ready, nameof(WorldReason.InvalidSpec));
        }
        finally
        {
            await ReplaceSchemaAsync(key, CrdSchema.Schema(WorldPersistence.Plural));
        }

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(world), null, Stop);

        await cluster.WaitGoneAsync(world);
        Assert.Contains(
            "spec.class: 'Sturdy'", Cluster.Condition(world, WorldConditions.Ready)!.Message, StringComparison.Ordinal);
        Assert.Equal("Invalid", world.Status.Phase);
        Assert.Null(world.Status.Stores);
    }

    private async Task<WorldPersistence> CreatePausedAsync(string snapshot) => await cluster.CreateWorldAsync(
        await cluster.NewNamespaceAsync(), "arena",
        $$"""{"class":"Ephemeral","paused":true,"snapshot":{{snapshot}} }""");

    private Task<WorldPersistence> SetSnapshotStoreAsync(WorldPersistence world, string? store)
    {
        var spec = new JsonObject { ["snapshot"] = new JsonObject { ["store"] = store } };
        return cluster.PatchWorldAsync(world, new JsonObject { ["spec"] = spec }.ToJsonString());
    }

    // The API server needs a moment to apply a changed schema.
    private Task<WorldPersistence> CreateOnceLaxAsync(string @namespace) => Cluster.PollAsync(
        async () =>
        {
            try
            {
                return await cluster.CreateWorldAsync(@namespace, new string('a', 64), """{"class":"Sturdy"}""");
            }
            catch (HttpOperationException)
            {
                return null;
            }
        },
        () => "the API server still refuses a bad spec");

    private async Task ReplaceSchemaAsync(ObjectKey key, V1JSONSchemaProps schema)
    {
        var definition = await cluster.Objects.TryGetAsync<V1CustomResourceDefinition>(key, Stop);
        definition!.Spec.Versions[0].Schema.OpenAPIV3Schema = schema;
        await cluster.Objects.ReplaceAsync(definition, Stop);
    }
}
