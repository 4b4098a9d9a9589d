namespace Aether.DevCluster.Nodes;

/// <summary>How a <see cref="Node"/> runs pods.</summary>
internal sealed record NodeOptions
{
    /// <summary>Name of the node, as in spec.nodeName.</summary>
    public string Name { get; init; } = "dev-node";

    /// <summary>What the images of containers stand for.</summary>
    public required ImageTable Images { get; init; }

    /// <summary>Pause before an ended container starts again; doubles with each end in a row. Default: 0.2 s.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause before a container is started again. Default: 5 s (a kubelet's is 5 minutes).</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Having run this long, a container is no longer held to crash in a row. Default: 10 s.</summary>
    public TimeSpan BackoffForgottenAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time and timers.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
