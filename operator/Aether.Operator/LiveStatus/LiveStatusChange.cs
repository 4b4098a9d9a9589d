namespace Aether.Operator.LiveStatus;

/// <summary>The significance of a status change.</summary>
internal enum LiveStatusChange
{
    /// <summary>No user would act on it: the status is not written.</summary>
    None,

    /// <summary>Only the last snapshot is newer; a world may take one every second.</summary>
    Snapshot,

    /// <summary>A user may act on it.</summary>
    Urgent,
}
