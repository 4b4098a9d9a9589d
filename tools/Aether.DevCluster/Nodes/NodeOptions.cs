namespace Aether.DevCluster.Nodes;

/// <summary>How a <see cref="Node"/> runs pods.</summary>
internal sealed record NodeOptions
{
    /// <summary>Name of the node, as in spec.nodeName.</summary>
    public string Name { get; init; } = "dev-node";

    /// <summary>The programs that replace images.</summary>
    public required ImageTable Images { get; init; }

    /// <summary>Pause before an ended container restarts; doubles with each successive end. Default: 0.2 s.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause before a container restarts. Default: 5 s (a kubelet's is 5 minutes).</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After running this long, a container restarts with the first pause again. Default: 10 s.</summary>
    public TimeSpan BackoffForgottenAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock, for time and timers.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
