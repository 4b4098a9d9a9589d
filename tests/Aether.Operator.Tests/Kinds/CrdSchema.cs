using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Kinds;

/// <summary>Reads the shipped CRDs.</summary>
internal static class CrdSchema
{
    public static V1CustomResourceDefinition Read(string plural)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "crds", $"persistence.aether.dev_{plural}.yaml");
        return KubernetesYaml.Deserialize<V1CustomResourceDefinition>(File.ReadAllText(file));
    }

    public static V1JSONSchemaProps Schema(string plural) =>
        Assert.Single(Read(plural).Spec.Versions).Schema.OpenAPIV3Schema;

    /// <summary>All schemas below a schema, with their paths.</summary>
    public static IEnumerable<(string Path, V1JSONSchemaProps Schema)> Walk(string path, V1JSONSchemaProps schema)
    {
        yield return (path, schema);
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, V1JSONSchemaProps>())
        {
            foreach (var below in Walk($"{path}.{name}", property))
                yield return below;
        }
    }
}
