using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>Builds the status of a pod from its containers, as a kubelet does.</summary>
internal sealed class PodStatusBuilder(PodContext context)
{
    private readonly Dictionary<string, V1PodCondition> _conditions = [];
    private readonly DateTime _startedAt = context.Options.Clock.GetUtcNow().UtcDateTime;

    /// <summary>Not thread-safe: the times of the conditions are kept between calls.</summary>
    public V1PodStatus Build(
        IReadOnlyList<ContainerRunner> init, IReadOnlyList<ContainerRunner> main, PodProgress progress)
    {
        var ready = progress == PodProgress.Running && main.All(runner => runner.View.Ready)
            && init.Where(IsSidecar).All(runner => runner.View.Ready);
        var initialized = progress is not PodProgress.Initializing;
        return new V1PodStatus
        {
            Phase = Phase(main, progress),
            Reason = progress == PodProgress.Lost ? "NodeLost" : null,
            HostIP = "127.0.0.1",
            PodIP = context.Address,
            PodIPs = [new V1PodIP { Ip = context.Address }],
            StartTime = _startedAt,
            Conditions =
            [
                Condition("PodScheduled", true),
                Condition("Initialized", initialized),
                Condition("ContainersReady", ready),
                Condition("Ready", ready),
            ],
            InitContainerStatuses = init.Count == 0 ? null : [.. init.Select(Status)],
            ContainerStatuses = [.. main.Select(Status)],
        };
    }

    private static string Phase(IReadOnlyList<ContainerRunner> main, PodProgress progress) => progress switch
    {
        PodProgress.Initializing => "Pending",
        PodProgress.Running => "Running",
        PodProgress.Failed or PodProgress.Lost => "Failed",
        _ => main.All(runner => runner.View.State.Terminated is { ExitCode: 0 }) ? "Succeeded" : "Failed",
    };

    private static bool IsSidecar(ContainerRunner runner) => runner.Container.RestartPolicy == "Always";

    private V1ContainerStatus Status(ContainerRunner runner) =>
        runner.View.ToStatus(runner.Container, context.Pod.Metadata.Uid);

    private V1PodCondition Condition(string type, bool holds)
    {
        var status = holds ? "True" : "False";
        if (!_conditions.TryGetValue(type, out var condition) || condition.Status != status)
        {
            _conditions[type] = condition = new V1PodCondition
            {
                Type = type,
                Status = status,
                LastTransitionTime = context.Options.Clock.GetUtcNow().UtcDateTime,
            };
        }

        return condition;
    }
}
