using Aether.DevCluster.Nodes.Volumes;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>What all containers of one pod share.</summary>
/// <param name="Pod">The pod as it was when the node took it; what matters of it cannot change later.</param>
/// <param name="Address">Its own address on this machine's loopback.</param>
/// <param name="Objects">What it may refer to.</param>
/// <param name="Volumes">Its volumes.</param>
/// <param name="Folder">The node's folder.</param>
/// <param name="Options">The node's options.</param>
/// <param name="Http">For probes.</param>
internal sealed record PodContext(
    V1Pod Pod,
    string Address,
    ClusterObjects Objects,
    VolumeSet Volumes,
    NodeFolder Folder,
    NodeOptions Options,
    HttpClient Http)
{
    /// <summary>Name of a container's log files.</summary>
    public string LogName(string container) =>
        $"{Pod.Metadata.NamespaceProperty}_{Pod.Metadata.Name}_{container}";
}
