using System.Net;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>The API server refuses invalid specs and names the wrong field.</summary>
public sealed class RefusedSpecTests(SharedCluster shared)
{
    public static TheoryData<string, string> Invalid =>
        [.. InvalidSpecs.All.Select(item => new TheoryDataRow<string, string>(item.Spec, item.Field))];

    public static TheoryData<string, string, string> Immutable => new()
    {
        { """{"class":"Durable"}""", """{"class":"Ephemeral"}""", "spec.class" },
        { """{"backendRef":{"name":"default"}}""", """{"backendRef":{"name":"other"}}""", "spec.backendRef.name" },
        { """{"events":{"storage":"File"}}""", """{"events":{"storage":"Memory"}}""", "spec.events.storage" },
        { """{"class":"Ephemeral"}""", """{"snapshot":{"store":"Postgres"}}""", "spec.snapshot.store" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task An_invalid_spec_is_refused_with_the_path_of_the_field(string spec, string field)
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync("default", $"invalid-{Guid.NewGuid():N}");

        var refusal = await Assert.ThrowsAsync<ApiException>(() => world.ApplyAsync(spec));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Status);
        Assert.Contains($"{field}: ", refusal.Message);
        Assert.False(bed.Cluster.Worlds.TryGet(world.Namespace, world.Name, out _));
    }

    [Theory]
    [MemberData(nameof(Immutable))]
    public async Task Change_of_an_immutable_field_is_refused_with_its_path(
        string before, string after, string field)
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await world.ApplyAsync(before);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => world.MergeAsync($$"""{"spec":{{after}}}"""));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Status);
        Assert.Contains($"{field}: ", refusal.Message);
    }

    [Fact]
    public async Task A_field_that_does_not_exist_is_refused_by_its_path()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();

        var refusal = await Assert.ThrowsAsync<ApiException>(() => world.ApplyAsync("""{"wal":{"colour":"red"}}"""));

        Assert.Contains(".spec.wal.colour: ", refusal.Message);
    }

    [Fact]
    public async Task A_backend_with_a_password_in_its_url_is_refused()
    {
        var bed = await shared.StartedAsync();

        var refusal = await Assert.ThrowsAsync<ApiException>(() => bed.ApplyAsync(
            """
            {"apiVersion":"persistence.aether.dev/v1alpha1","kind":"PersistenceBackend","metadata":{"name":"careless"},
             "spec":{"postgres":{"host":"h","database":"d","adminSecretRef":{"name":"s"}},
                     "redis":{"endpoint":"h:1"},"nats":{"urls":["nats://user:password@h:1"]}}}
            """));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Status);
        Assert.Contains("spec.nats.urls[0]: ", refusal.Message);
    }
}
