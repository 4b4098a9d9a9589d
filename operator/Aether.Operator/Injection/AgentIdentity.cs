namespace Aether.Operator.Injection;

/// <summary>
/// The agent's user and groups. Its sockets are shared by group. With an fsGroup, the kubelet gives the pod's volumes
/// to that group, with the set-group-ID bit, and makes every container a member. Without one, every container becomes a
/// member of the agent's own group. So a world's container may connect to a socket of mode 0660 in the shared folder as
/// any user, and no process outside the pod may.
/// </summary>
internal static class AgentIdentity
{
    public const long User = 65532;

    public const long Group = 65532;

    /// <summary>The pod's fsGroup if the pod sets none.</summary>
    public const long FileSystemGroup = 65532;
}
