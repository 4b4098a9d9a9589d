namespace Aether.Persistence.Runtime;

/// <summary>
/// What the loss of this volume would cost now (the RPO): commits that are applied and not in the journal.
/// </summary>
/// <param name="Commits">Number of such commits.</param>
/// <param name="Bytes">Their bytes in the log.</param>
/// <param name="Age">Age of the oldest.</param>
public sealed record RecoveryPoint(ulong Commits, long Bytes, TimeSpan Age);
