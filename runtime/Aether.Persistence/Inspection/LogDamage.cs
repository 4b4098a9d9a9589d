namespace Aether.Persistence.Inspection;

/// <summary>A place where a log is not what its writer wrote.</summary>
/// <param name="File">The segment's path on the volume.</param>
/// <param name="Offset">The byte in it.</param>
/// <param name="Reason">What is wrong there.</param>
public sealed record LogDamage(string File, long Offset, string Reason);
