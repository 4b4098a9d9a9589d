using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s.Models;

namespace Aether.ControllerRuntime.Tests.Objects;

public sealed class ObjectClientTests(Cluster cluster)
{
    private readonly ObjectClient _objects = cluster.Objects();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reading_a_missing_object_returns_null_and_deleting_it_false()
    {
        var key = new ObjectKey(await cluster.NewNamespaceAsync(), "nothing");

        Assert.Null(await _objects.TryGetAsync<Widget>(key, Cancellation));
        Assert.False(await _objects.DeleteAsync<Widget>(key, null, Cancellation));
    }

    [Fact]
    public async Task Name_can_be_created_only_once()
    {
        var space = await cluster.NewNamespaceAsync();
        await _objects.CreateAsync(Widget.Named(space, "w"), Cancellation);

        var refusal = await Assert.ThrowsAsync<ApiException>(
            () => _objects.CreateAsync(Widget.Named(space, "w"), Cancellation));

        Assert.True(refusal.IsAlreadyExists);
        Assert.False(refusal.IsConflict);
    }

    [Fact]
    public async Task A_status_written_on_an_old_version_is_a_conflict()
    {
        var space = await cluster.NewNamespaceAsync();
        var old = await _objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        old.Status.Reconciles = 1;
        var newer = await _objects.ReplaceStatusAsync(old, Cancellation);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => _objects.ReplaceStatusAsync(old, Cancellation));

        Assert.True(refusal.IsConflict);
        Assert.Equal(1, newer.Status.Reconciles);
        Assert.Equal(old.Metadata.Generation, newer.Metadata.Generation);
    }

    [Fact]
    public async Task Apply_creates_an_object_keeps_foreign_fields_and_removes_those_no_longer_applied()
    {
        var space = await cluster.NewNamespaceAsync();
        var key = new ObjectKey(space, "m");
        await _objects.ApplyAsync(Map(key, ("ours", "1"), ("former", "1")), Cancellation);
        await _objects.MergeAsync<V1ConfigMap>(
            key, new System.Text.Json.Nodes.JsonObject
            {
                ["data"] = new System.Text.Json.Nodes.JsonObject { ["foreign"] = "x" },
            },
            Cancellation);

        var applied = await cluster.Objects("another").ApplyAsync(Map(key, ("ours", "2")), Cancellation);
        Assert.Equal(["foreign", "former", "ours"], applied.Data.Keys.Order());
        var again = await _objects.ApplyAsync(Map(key, ("ours", "3")), Cancellation);

        Assert.Equal("3", again.Data["ours"]);
        Assert.False(again.Data.ContainsKey("former"));
        Assert.Contains(again.Metadata.ManagedFields, field => field.Manager == "test" && field.Operation == "Apply");
    }

    [Fact]
    public async Task Repeated_apply_writes_nothing()
    {
        var key = new ObjectKey(await cluster.NewNamespaceAsync(), "m");

        var first = await _objects.ApplyAsync(Map(key, ("a", "1")), Cancellation);
        var second = await _objects.ApplyAsync(Map(key, ("a", "1")), Cancellation);

        Assert.Equal(first.Metadata.ResourceVersion, second.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Deletion_spares_a_later_object_of_the_same_name()
    {
        var space = await cluster.NewNamespaceAsync();
        var key = new ObjectKey(space, "w");
        var former = await _objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        await _objects.DeleteAsync<Widget>(key, null, Cancellation);
        await _objects.CreateAsync(Widget.Named(space, "w"), Cancellation);

        var refusal = await Assert.ThrowsAsync<ApiException>(
            () => _objects.DeleteAsync<Widget>(key, new V1Preconditions { Uid = former.Metadata.Uid }, Cancellation));

        Assert.True(refusal.IsConflict);
        Assert.NotNull(await _objects.TryGetAsync<Widget>(key, Cancellation));
    }

    [Fact]
    public async Task A_list_reads_all_pages()
    {
        var space = await cluster.NewNamespaceAsync();
        var names = Enumerable.Range(0, 501).Select(number => $"m{number:000}").ToList();
        foreach (var some in names.Chunk(50))
        {
            await Task.WhenAll(some.Select(
                name => _objects.CreateAsync(Map(new ObjectKey(space, name)), Cancellation)));
        }

        var listed = await _objects.ListAsync<V1ConfigMap>(space, null, Cancellation);

        Assert.Equal(names, listed.Select(map => map.Metadata.Name).Where(name => name != "kube-root-ca.crt"));
        Assert.All(listed, map => Assert.Equal("ConfigMap", map.Kind));
    }

    [Fact]
    public async Task Request_to_a_silent_server_times_out()
    {
        await using var api = await ScriptedApi.StartAsync();
        using var client = new k8s.Kubernetes(new k8s.KubernetesClientConfiguration { Host = api.Url });
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var objects = new ObjectClient(
            new ApiTransport(client, clock), new OwnWrites(), new OperatorSettings { Name = "test" });

        var reading = objects.TryGetAsync<Widget>(new ObjectKey("n", "w"), Cancellation);
        await api.NextRequestAsync();
        clock.Advance(ApiTransport.RequestTimeout);

        await Assert.ThrowsAsync<TimeoutException>(() => reading);
    }

    private static V1ConfigMap Map(ObjectKey key, params (string Name, string Value)[] data) => new()
    {
        Metadata = new V1ObjectMeta { NamespaceProperty = key.Namespace, Name = key.Name },
        Data = data.ToDictionary(pair => pair.Name, pair => pair.Value),
    };
}
