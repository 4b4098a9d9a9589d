namespace Aether.Operator.LiveStatus;

/// <summary>How much a change of a status matters.</summary>
internal enum LiveStatusChange
{
    /// <summary>Nobody would act on it: it is not written.</summary>
    None,

    /// <summary>A newer snapshot and nothing else: a world may take one every second.</summary>
    Snapshot,

    /// <summary>Somebody may act on it.</summary>
    Urgent,
}
