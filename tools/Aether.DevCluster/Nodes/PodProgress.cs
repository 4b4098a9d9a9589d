namespace Aether.DevCluster.Nodes;

/// <summary>How far a pod has come.</summary>
internal enum PodProgress
{
    /// <summary>Volumes are created, init containers run.</summary>
    Initializing,

    /// <summary>Its main containers were started.</summary>
    Running,

    /// <summary>An init container failed for good.</summary>
    Failed,

    /// <summary>Its main containers ended for good, or the pod is stopping.</summary>
    Ended,

    /// <summary>Its node is considered lost.</summary>
    Lost,
}
