using System.Threading.Channels;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using Aether.TestServers;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Caching;

public sealed class CacheTests(Cluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_made_during_a_lost_connection_arrive_after_it()
    {
        var space = await cluster.NewNamespaceAsync();
        var objects = cluster.Objects();
        foreach (var name in new[] { "stays", "goes", "changes" })
            await objects.CreateAsync(Widget.Named(space, name), Cancellation);
        var connection = cluster.Admin();
        await using var proxy = new CuttingProxy(new Uri(connection.Host).Port);
        connection.Host = proxy.Url;
        await using var host = await RuntimeHost.StartAsync(
            cluster,
            runtime => runtime.AddCache<Widget>(options => options with { Namespaces = [space] }),
            new OperatorSettings
            {
                Name = "test",
                Watch = new WatchOptions { BackoffLimit = TimeSpan.FromMilliseconds(500) },
            },
            connection);
        var cache = host.Services.GetRequiredService<IEntityCache<Widget>>();
        var changes = Channel.CreateUnbounded<EntityChange<Widget>>();
        await cache.WaitForSyncAsync(Cancellation);
        using var subscription = cache.Subscribe(change => changes.Writer.TryWrite(change));
        for (var present = 0; present < 3; present++)
            await changes.Reader.ReadAsync(Cancellation);

        proxy.Cut();
        await objects.DeleteAsync<Widget>(new ObjectKey(space, "goes"), null, Cancellation);
        var edit = new JsonPatch().Replace("/spec/color", "blue");
        await objects.PatchAsync<Widget>(new ObjectKey(space, "changes"), edit, Cancellation);
        await objects.CreateAsync(Widget.Named(space, "comes"), Cancellation);
        proxy.Mend();
        var seen = new List<(EntityChangeKind, string)>();
        while (seen.Count < 3)
        {
            var change = await changes.Reader.ReadAsync(Cancellation);
            seen.Add((change.Kind, change.Key.Name));
        }

        Assert.Equal(
            [
                (EntityChangeKind.Updated, "changes"),
                (EntityChangeKind.Added, "comes"),
                (EntityChangeKind.Deleted, "goes"),
            ],
            seen.OrderBy(change => change.Item2, StringComparer.Ordinal));
        Assert.Equal(["changes", "comes", "stays"], cache.List(space).Select(widget => widget.Metadata.Name));
    }

    [Fact]
    public async Task Selector_caches_matching_objects_and_drops_those_that_no_longer_match()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await RuntimeHost.StartAsync(cluster, runtime => runtime.AddCache<V1Secret>(
            options => options with { LabelSelector = "keep=yes", Namespaces = [space] }));
        var cache = host.Services.GetRequiredService<IEntityCache<V1Secret>>();
        var changes = Channel.CreateUnbounded<EntityChange<V1Secret>>();
        using var subscription = cache.Subscribe(change => changes.Writer.TryWrite(change));

        await host.Objects.CreateAsync(Secret(space, "out", "no"), Cancellation);
        await host.Objects.CreateAsync(Secret(space, "in", "yes"), Cancellation);
        var added = await changes.Reader.ReadAsync(Cancellation);
        await host.Objects.ApplyAsync(Secret(space, "in", "no"), Cancellation);
        var dropped = await changes.Reader.ReadAsync(Cancellation);

        Assert.Equal((EntityChangeKind.Added, "in"), (added.Kind, added.Key.Name));
        Assert.Equal((EntityChangeKind.Deleted, "in"), (dropped.Kind, dropped.Key.Name));
        Assert.Empty(cache.List());
    }

    [Fact]
    public async Task Every_reader_gets_a_copy_of_its_own()
    {
        var space = await cluster.NewNamespaceAsync();
        await cluster.Objects().CreateAsync(Widget.Named(space, "w"), Cancellation);
        await using var host = await RuntimeHost.StartAsync(
            cluster, runtime => runtime.AddCache<Widget>(options => options with { Namespaces = [space] }));
        var cache = host.Services.GetRequiredService<IEntityCache<Widget>>();
        await cache.WaitForSyncAsync(Cancellation);

        Assert.True(cache.TryGet(new ObjectKey(space, "w"), out var mine));
        mine.Spec.Color = "spoilt";
        cache.List()[0].Spec.Color = "spoilt";

        Assert.True(cache.TryGet(new ObjectKey(space, "w"), out var next));
        Assert.Equal("red", next.Spec.Color);
    }

    [Fact]
    public async Task An_index_follows_the_objects()
    {
        var space = await cluster.NewNamespaceAsync();
        await using var host = await RuntimeHost.StartAsync(cluster, runtime => runtime.AddCache<Widget>(
            options => options with
            {
                Namespaces = [space],
                Indexes = options.Indexes.Add("color", widget => [widget.Spec.Color ?? ""]),
            }));
        var cache = host.Services.GetRequiredService<IEntityCache<Widget>>();
        var changed = Channel.CreateUnbounded<string?>();
        using var subscription = cache.Subscribe(change => changed.Writer.TryWrite(change.After?.Spec.Color));
        var key = new ObjectKey(space, "w");

        await host.Objects.CreateAsync(Widget.Named(space, "w", "red"), Cancellation);
        await changed.Reader.ReadAsync(Cancellation);
        Assert.Single(cache.Find("color", "red"));
        await host.Objects.PatchAsync<Widget>(key, new JsonPatch().Replace("/spec/color", "blue"), Cancellation);
        await changed.Reader.ReadAsync(Cancellation);

        Assert.Empty(cache.Find("color", "red"));
        Assert.Single(cache.Find("color", "blue"));
        Assert.Throws<ArgumentException>(() => cache.Find("size", "1"));
    }

    [Fact]
    public async Task Several_namespaces_are_cached_as_one_and_no_other_is()
    {
        var (one, two, other) =
            (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        var objects = cluster.Objects();
        foreach (var space in new[] { one, two, other })
            await objects.CreateAsync(Widget.Named(space, "before"), Cancellation);
        await using var host = await RuntimeHost.StartAsync(
            cluster, runtime => runtime.AddCache<Widget>(options => options with { Namespaces = [one, two] }));
        var cache = host.Services.GetRequiredService<IEntityCache<Widget>>();
        await cache.WaitForSyncAsync(Cancellation);
        var changed = Channel.CreateUnbounded<ObjectKey>();
        using var subscription = cache.Subscribe(change => changed.Writer.TryWrite(change.Key));

        foreach (var space in new[] { other, one, two })
            await objects.CreateAsync(Widget.Named(space, "after"), Cancellation);
        for (var seen = 0; seen < 4; seen++)
            await changed.Reader.ReadAsync(Cancellation);

        Assert.Equal(
            [(one, "after"), (one, "before"), (two, "after"), (two, "before")],
            cache.List().Select(widget => (widget.Metadata.NamespaceProperty, widget.Metadata.Name)));
        Assert.Equal(2, cache.List(two).Count);
    }

    [Fact]
    public void A_kind_is_cached_once()
    {
        var runtime = new ServiceCollection().AddKubernetesOperator(new OperatorSettings { Name = "test" });
        runtime.AddCache<Widget>();

        var refusal = Assert.Throws<InvalidOperationException>(() => runtime.AddCache<Widget>());

        Assert.StartsWith("Widget is already cached.", refusal.Message, StringComparison.Ordinal);
    }

    private static V1Secret Secret(string space, string name, string keep) => new()
    {
        Metadata = new V1ObjectMeta
        {
            NamespaceProperty = space,
            Name = name,
            Labels = new Dictionary<string, string> { ["keep"] = keep },
        },
    };
}
