namespace Aether.DevCluster.Nodes;

/// <summary>What each image stands for on a node without a container runtime: a program of this machine.</summary>
internal sealed class ImageTable(IReadOnlyDictionary<string, Image> images)
{
    /// <summary>The program behind <paramref name="name"/>; null for an image this node does not have.</summary>
    public Image? Find(string name) => images.GetValueOrDefault(name);
}
