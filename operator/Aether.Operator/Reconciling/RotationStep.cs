namespace Aether.Operator.Reconciling;

/// <summary>The step that a reconcile takes in the rotation of a world's credentials.</summary>
internal enum RotationStep
{
    /// <summary>No rotation is due.</summary>
    None,

    /// <summary>Put new credentials into the Secret beside the current ones.</summary>
    Announce,

    /// <summary>Keep both in the Secret until the agents have read them.</summary>
    Wait,

    /// <summary>Switch the stores to the new credentials, and remove the former ones from the Secret.</summary>
    Switch,

    /// <summary>
    /// Record the end of the rotation: the Secret holds only the new credentials, but the status does not show it,
    /// because the status write failed or the operator stopped before it.
    /// </summary>
    Record,
}
