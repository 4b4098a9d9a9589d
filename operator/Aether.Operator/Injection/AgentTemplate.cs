using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Aether.Operator.Kinds;
using k8s;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// The injected parts of a world's pods. They are the same for all pods of the world, so that their hash shows which
/// pods are outdated.
/// </summary>
internal sealed record AgentTemplate
{
    private const int RevisionCharacters = 16;

    private AgentTemplate(V1Container container, IReadOnlyList<V1Volume> volumes, string worldUid)
    {
        Image = container.Image;
        Container = ToJson(container);
        Volumes = [.. volumes.Select(ToJson)];
        WorldUid = worldUid;
        Revision = Hash([Container, .. Volumes]);
    }

    public string Image { get; }

    public JsonObject Container { get; }

    public IReadOnlyList<JsonObject> Volumes { get; }

    public string WorldUid { get; }

    public string Revision { get; }

    /// <summary>The template for a world with a valid spec.</summary>
    public static AgentTemplate For(WorldPersistence world, InjectionOptions options)
    {
        var volume = WorldProfile.Resolve(world.Spec).Volume;
        return new AgentTemplate(
            AgentContainerBuilder.Build(world.Spec.Agent, hasVolume: volume is not null, options),
            AgentVolumesBuilder.Build(world, volume),
            world.Metadata.Uid ?? "");
    }

    private static JsonObject ToJson<TValue>(TValue value) =>
        JsonNode.Parse(KubernetesJson.Serialize(value))!.AsObject();

    private static string Hash(IEnumerable<JsonNode> parts)
    {
        var text = string.Join('\n', parts.Select(part => part.ToJsonString()));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..RevisionCharacters];
    }
}
