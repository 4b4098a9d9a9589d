namespace Aether.Operator.LiveStatus;

/// <summary>A report as it lies in a world's schema.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Pod">Whose it is, cut to the length of a pod's name.</param>
/// <param name="SentAt">When it was written, in microseconds by PostgreSQL's clock, or what the world says.</param>
/// <param name="Age">How long ago that is, by the same clock.</param>
/// <param name="Report">What it says.</param>
internal sealed record ReportRow(string Schema, string Pod, long SentAt, TimeSpan Age, byte[] Report);
