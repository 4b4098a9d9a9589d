namespace Aether.DevCluster.Nodes;

/// <summary>How far a pod has come.</summary>
internal enum PodProgress
{
    /// <summary>Volumes are made, init containers run.</summary>
    Initializing,

    /// <summary>Its main containers were started.</summary>
    Running,

    /// <summary>An init container failed for good.</summary>
    Failed,

    /// <summary>Its main containers ended and will not be started again, or it is told to stop.</summary>
    Ended,

    /// <summary>The node it ran on is played dead.</summary>
    Lost,
}
