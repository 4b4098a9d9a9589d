namespace Aether.Persistence.Inspection;

/// <summary>A place where a log differs from what its writer wrote.</summary>
/// <param name="File">The segment's path on the volume.</param>
/// <param name="Offset">Offset in the segment.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record LogDamage(string File, long Offset, string Reason);
