using System.Text.Json.Nodes;

namespace Aether.DevCluster.Clusters;

/// <summary>
/// Removes the schema from a CRD, so that the cluster accepts specs that no schema would allow, as with an older CRD or
/// one that a user has edited.
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
