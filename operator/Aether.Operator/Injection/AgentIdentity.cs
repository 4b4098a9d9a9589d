namespace Aether.Operator.Injection;

/// <summary>
/// Who the agent is on the node. Its sockets are shared by group. With an fsGroup the kubelet gives the pod's volumes
/// to it, with the set-group-ID bit, and makes every container a member; without one, every container is a member of
/// the agent's own group. So whatever user a world's container runs as, it may connect to a socket of mode 0660 in the
/// shared folder, and nothing outside of the pod may.
/// </summary>
internal static class AgentIdentity
{
    public const long User = 65532;

    public const long Group = 65532;

    /// <summary>The pod's fsGroup, where the pod names none.</summary>
    public const long FileSystemGroup = 65532;
}
