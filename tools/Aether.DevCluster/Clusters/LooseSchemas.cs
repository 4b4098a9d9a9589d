using System.Text.Json.Nodes;

namespace Aether.DevCluster.Clusters;

/// <summary>
/// Takes the schema out of a CRD, so that specs no schema would allow get into the cluster: what an older CRD, or
/// somebody's edit of it, would let through.
/// </summary>
internal static class LooseSchemas
{
    public static JsonObject Of(JsonObject definition)
    {
        var loose = definition.DeepClone().AsObject();
        foreach (var version in loose["spec"]!["versions"]!.AsArray())
        {
            version!["schema"]!["openAPIV3Schema"] = new JsonObject
            {
                ["type"] = "object",
                ["x-kubernetes-preserve-unknown-fields"] = true,
            };
        }

        return loose;
    }
}
