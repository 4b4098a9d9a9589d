using Aether.DevCluster.Nodes.Volumes;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>Context shared by all containers of one pod.</summary>
/// <param name="Pod">The pod when the node took it; the relevant parts cannot change later.</param>
/// <param name="Address">Its own address on this machine's loopback.</param>
/// <param name="Objects">The objects that it may refer to.</param>
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
