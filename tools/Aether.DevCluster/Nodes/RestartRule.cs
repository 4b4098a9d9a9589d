namespace Aether.DevCluster.Nodes;

/// <summary>When an ended container is restarted.</summary>
internal enum RestartRule
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When its exit code was not zero.</summary>
    OnFailure,

    /// <summary>Always.</summary>
    Always,
}
