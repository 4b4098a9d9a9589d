using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>The status of one container in its pod's status.</summary>
internal sealed record ContainerView(
    V1ContainerState State,
    V1ContainerState? LastState = null,
    int RestartCount = 0,
    int Runs = 0,
    bool Started = false,
    bool Ready = false)
{
    /// <summary>The status of a container that was not started yet.</summary>
    public static ContainerView Waiting(string reason, string? message = null) =>
        new(new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } });

    /// <summary>Converts it to the API's type.</summary>
    public V1ContainerStatus ToStatus(V1Container container, string podUid) => new()
    {
        Name = container.Name,
        Image = container.Image,
        ImageID = "",
        ContainerID = Runs == 0 ? null : $"process://{podUid}/{container.Name}/{Runs}",
        State = State,
        LastState = LastState,
        RestartCount = RestartCount,
        Started = Started,
        Ready = Ready,
    };
}
