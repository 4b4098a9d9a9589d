namespace Aether.Operator.LiveStatus;

/// <summary>Why a report is not taken.</summary>
internal enum ReportRefusal
{
    /// <summary>It is no report, or one of a version that this operator does not know.</summary>
    Malformed,

    /// <summary>No world of this operator's has that subject, or its reports come by another backend.</summary>
    UnknownWorld,

    /// <summary>Its pod is another than its subject's, or its world has another identity.</summary>
    Foreign,

    /// <summary>A writer of a higher epoch has reported since.</summary>
    Overtaken,
}
