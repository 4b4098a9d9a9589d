namespace Aether.Client;

/// <summary>How far a world is durable; each commit stands for every one before it.</summary>
/// <param name="Sequence">The last commit applied.</param>
/// <param name="Durable">The last commit synced to the WAL volume.</param>
/// <param name="Replicated">The last commit in the journal.</param>
public sealed record WorldWatermarks(ulong Sequence, ulong Durable, ulong Replicated);
