namespace Aether.Persistence.Runtime;

/// <summary>What would be lost with this volume now (the RPO): applied, but not in the journal.</summary>
/// <param name="Commits">How many commits.</param>
/// <param name="Bytes">Their bytes in the log.</param>
/// <param name="Age">Age of the oldest of them.</param>
public sealed record RecoveryPoint(ulong Commits, long Bytes, TimeSpan Age);
