using k8s.Models;

namespace Aether.DevCluster.Api;

/// <summary>A list of objects of a custom resource.</summary>
internal sealed class CustomObjectList : IItems<CustomObject>, IMetadata<V1ListMeta>
{
    public IList<CustomObject> Items { get; set; } = [];

    public V1ListMeta Metadata { get; set; } = new();
}
