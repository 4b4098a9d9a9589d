namespace Aether.Operator.LiveStatus;

/// <summary>A report in a world's schema.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Pod">The reporting pod, cut to the length of a pod's name.</param>
/// <param name="SentAt">
/// The row's time in microseconds by PostgreSQL's clock, unless the world wrote another value.
/// </param>
/// <param name="Age">The row's age by the same clock.</param>
/// <param name="Report">The report.</param>
internal sealed record ReportRow(string Schema, string Pod, long SentAt, TimeSpan Age, byte[] Report);
