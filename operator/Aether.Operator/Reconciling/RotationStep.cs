namespace Aether.Operator.Reconciling;

/// <summary>What a pass does about a world's credentials.</summary>
internal enum RotationStep
{
    /// <summary>Nothing: they stay.</summary>
    None,

    /// <summary>New ones are put into the Secret beside those in force.</summary>
    Announce,

    /// <summary>Both stay in the Secret until the agents have read them.</summary>
    Wait,

    /// <summary>The stores go over to the new ones, and the former ones leave the Secret.</summary>
    Switch,

    /// <summary>
    /// The rotation has ended: the Secret has only the new ones. The status does not show it yet, because a write of it
    /// failed or the operator ended before it.
    /// </summary>
    Record,
}
