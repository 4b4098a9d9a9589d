namespace Aether.Operator.Kinds;

/// <summary>Which of several servers is used.</summary>
internal enum PostgresTargetSession
{
    /// <summary>The one that is not in recovery.</summary>
    Primary,

    /// <summary>As Primary, and not read-only by default.</summary>
    ReadWrite,
}
