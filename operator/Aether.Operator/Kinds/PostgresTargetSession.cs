namespace Aether.Operator.Kinds;

/// <summary>Which of several servers to use.</summary>
internal enum PostgresTargetSession
{
    /// <summary>The server that is not in recovery.</summary>
    Primary,

    /// <summary>As Primary, and its sessions are not read-only by default.</summary>
    ReadWrite,
}
