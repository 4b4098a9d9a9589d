using System.Text.Json.Nodes;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Injection;

/// <summary>Pods and worlds as a starting point for tests.</summary>
internal static class Given
{
    public const string Namespace = "games";
    public const string World = "economy";

    public static InjectionOptions Options { get; } = new() { AgentImage = "registry.test/aether-agent:1" };

    public static WorldPersistence DurableWorld(Action<WorldPersistenceSpec>? change = null)
    {
        var world = new WorldPersistence
        {
            Metadata = new V1ObjectMeta { Name = World, NamespaceProperty = Namespace, Uid = "uid-1" },
            Spec = new WorldPersistenceSpec
            {
                Wal = new WalSpec
                {
                    Volume = new WalVolumeSpec
                    {
                        PersistentVolumeClaim = new PersistentVolumeClaimSource { ClaimName = "economy-wal" },
                    },
                },
            },
            Status = new WorldPersistenceStatus
            {
                Conditions = [new V1Condition { Type = "Ready", Status = "True" }],
            },
        };
        change?.Invoke(world.Spec);
        return world;
    }

    public static WorldPersistence EphemeralWorld() => DurableWorld(spec =>
    {
        spec.Class = nameof(WorldClass.Ephemeral);
        spec.Wal = new WalSpec();
    });

    public static JsonObject Pod(Action<JsonObject>? changeSpec = null)
    {
        var pod = JsonNode.Parse(
            """
            {
              "apiVersion": "v1",
              "kind": "Pod",
              "metadata": {"name": "world-0", "labels": {"persistence.aether.dev/world": "economy", "app": "world"}},
              "spec": {
                "fieldOfTomorrow": {"kept": true},
                "containers": [
                  {"name": "world", "image": "world:1", "env": [{"name": "LOG", "value": "$(AETHER_SOCKET)"}]},
                  {"name": "metrics", "image": "metrics:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
                ],
                "initContainers": [{"name": "migrate", "image": "migrate:1"}],
                "volumes": [{"name": "data", "emptyDir": {}}]
              }
            }
            """)!.AsObject();
        changeSpec?.Invoke(pod["spec"]!.AsObject());
        return pod;
    }

    public static JsonObject Injected(JsonObject pod, WorldPersistence? world = null)
    {
        var result = PodInjector.Inject(pod, world ?? DurableWorld(), Options);
        Assert.False(result.IsRefused, string.Join('\n', result.Refusals));
        return result.Pod;
    }

    public static V1Pod Typed(JsonObject pod) => KubernetesJson.Deserialize<V1Pod>(pod);

    public static V1Pod InjectedPod(Action<JsonObject>? changeSpec = null, WorldPersistence? world = null) =>
        Typed(Injected(Pod(changeSpec), world));
}
