namespace Aether.Operator.LiveStatus;

/// <summary>Why a report is refused.</summary>
internal enum ReportRefusal
{
    /// <summary>It is not a report, or has a version that this operator does not know.</summary>
    Malformed,

    /// <summary>
    /// No world of this operator has that subject or schema, or the world reports through another source.
    /// </summary>
    UnknownWorld,

    /// <summary>The report names another pod than its subject, or another world.</summary>
    Foreign,

    /// <summary>A writer of a higher epoch has reported since.</summary>
    Overtaken,
}
