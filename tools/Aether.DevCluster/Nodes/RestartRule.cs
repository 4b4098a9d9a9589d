namespace Aether.DevCluster.Nodes;

/// <summary>When a container that ended is started again.</summary>
internal enum RestartRule
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When its exit code was not zero.</summary>
    OnFailure,

    /// <summary>Always.</summary>
    Always,
}
