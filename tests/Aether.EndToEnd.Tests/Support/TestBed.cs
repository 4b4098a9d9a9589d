using System.Globalization;
using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Nodes;
using Aether.EndToEnd.Tests.Support.Auditing;
using Aether.EndToEnd.Tests.Support.Stores;
using k8s;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>A development cluster, with the tools by which tests inspect it.</summary>
internal sealed class TestBed : IAsyncDisposable
{
    private int _namespaces;

    private TestBed(DevelopmentCluster cluster)
    {
        Cluster = cluster;
        Stores = new StoreAccess(cluster);
        Audit = new AuditLog(cluster);
    }

    public DevelopmentCluster Cluster { get; }

    public Kubernetes Client => Cluster.Client;

    /// <summary>The stores, as their administrator.</summary>
    public StoreAccess Stores { get; }

    public AuditLog Audit { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// Starts the cluster. Its node has the image of <see cref="TestPods"/> and restarts containers without delay.
    /// </summary>
    public static async Task<TestBed> StartAsync(ClusterOptions options, CancellationToken cancellationToken)
    {
        var complete = options with
        {
            LongestBackoff = TimeSpan.FromMilliseconds(500),
            Images = new Dictionary<string, Image> { [TestPods.IdleImage] = new(["/bin/sleep", "infinity"]) },
        };
        return new TestBed(await DevelopmentCluster.StartAsync(complete, cancellationToken));
    }

    /// <summary>A new namespace for the test.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        var number = Interlocked.Increment(ref _namespaces).ToString(CultureInfo.InvariantCulture);
        var name = $"e2e-{number}";
        await ApplyAsync($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""");
        return name;
    }

    /// <summary>A world that does not exist yet, in a new namespace unless one is given.</summary>
    public async Task<TestWorld> NewWorldAsync(string? @namespace = null, string name = "economy") =>
        new(this, @namespace ?? await NewNamespaceAsync(), name);

    /// <summary>A Ready world.</summary>
    public async Task<TestWorld> ReadyWorldAsync(string spec = "{}", string? @namespace = null, string name = "economy")
    {
        var world = await NewWorldAsync(@namespace, name);
        await world.ApplyAsync(spec);
        await world.ReadyAsync();
        return world;
    }

    /// <summary>Applies an object as the administrator; returns the server's version of it.</summary>
    public Task<JsonObject> ApplyAsync(string manifest) =>
        Cluster.Manifests.ApplyAsync(JsonNode.Parse(manifest)!.AsObject(), Stop);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Stores.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
