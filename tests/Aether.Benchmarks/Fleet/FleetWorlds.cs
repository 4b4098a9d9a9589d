using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.Persistence.Contracts;
using k8s;

namespace Aether.Benchmarks.Fleet;

/// <summary>
/// Applies and deletes worlds, and follows which of them are Ready. It watches and does not poll, so that waiting costs
/// the machine little. Thread-safe.
/// </summary>
internal sealed class FleetWorlds : IAsyncDisposable
{
    private const int Namespaces = 10;
    private const string ApiVersion = AetherNames.Group + "/v1alpha1";

    private readonly DevelopmentCluster _cluster;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _ready = []; // _gate
    private readonly HashSet<string> _present = []; // _gate
    private TaskCompletionSource _changed = NewSignal(); // _gate

    public FleetWorlds(DevelopmentCluster cluster)
    {
        _cluster = cluster;
        cluster.Worlds.Changed += Follow;
    }

    /// <summary>Called with the index of each world when it becomes Ready.</summary>
    public event Action<int>? BecameReady;

    public async Task ApplyNamespacesAsync(CancellationToken cancellationToken)
    {
        for (var index = 0; index < Namespaces; index++)
        {
            await _cluster.Manifests.ApplyAsync(
                new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Namespace",
                    ["metadata"] = new JsonObject { ["name"] = Namespace(index) },
                },
                cancellationToken);
        }
    }

    /// <summary>Creates a Durable world whose stores are dropped with it.</summary>
    public async Task ApplyAsync(int index, CancellationToken cancellationToken) =>
        await _cluster.Manifests.ApplyAsync(Manifest(index), cancellationToken);

    /// <summary>Deletes a world; it is present until the operator has dropped its stores.</summary>
    public async Task DeleteAsync(int index, CancellationToken cancellationToken) =>
        await _cluster.Client.DeleteAsync(
            await _cluster.Manifests.PathAsync(Manifest(index), Namespace(0), cancellationToken),
            options: null,
            cancellationToken);

    /// <summary>Waits until the numbers of Ready and of present worlds fulfil a condition.</summary>
    public async Task WaitAsync(Func<int, int, bool> until, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (until(_ready.Count, _present.Count))
                    return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _cluster.Worlds.Changed -= Follow;
        return ValueTask.CompletedTask;
    }

    private void Follow(WatchEventType type, CustomObject world)
    {
        var uid = world.Metadata.Uid;
        var becameReady = false;
        lock (_gate)
        {
            if (type == WatchEventType.Deleted)
            {
                _present.Remove(uid);
                _ready.Remove(uid);
            }
            else
            {
                _present.Add(uid);
                becameReady = world.Condition("Ready") is { IsTrue: true } && _ready.Add(uid);
            }

            _changed.SetResult();
            _changed = NewSignal();
        }

        if (becameReady)
            BecameReady?.Invoke(int.Parse(world.Metadata.Name["world-".Length..], CultureInfo.InvariantCulture));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Namespace(int index) => string.Create(CultureInfo.InvariantCulture, $"fleet-{index}");

    private static JsonObject Manifest(int index) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = "WorldPersistence",
        ["metadata"] = new JsonObject
        {
            ["namespace"] = Namespace(index % Namespaces),
            ["name"] = string.Create(CultureInfo.InvariantCulture, $"world-{index}"),
        },
        ["spec"] = new JsonObject { ["class"] = "Durable", ["deletionPolicy"] = "Delete" },
    };
}
