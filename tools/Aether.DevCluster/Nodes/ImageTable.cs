namespace Aether.DevCluster.Nodes;

/// <summary>The programs that replace images on a node without a container runtime.</summary>
internal sealed class ImageTable(IReadOnlyDictionary<string, Image> images)
{
    /// <summary>The program for the image <paramref name="name"/>; null if this node does not have the image.</summary>
    public Image? Find(string name) => images.GetValueOrDefault(name);
}
