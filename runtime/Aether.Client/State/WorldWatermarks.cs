namespace Aether.Client;

/// <summary>How far a world is durable. Each value includes every commit before it.</summary>
/// <param name="Sequence">The last commit applied.</param>
/// <param name="Durable">The last commit synced to the WAL volume.</param>
/// <param name="Replicated">The last commit in the journal.</param>
public sealed record WorldWatermarks(ulong Sequence, ulong Durable, ulong Replicated);
