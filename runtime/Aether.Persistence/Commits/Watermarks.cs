namespace Aether.Persistence.Commits;

/// <summary>How far a world is durable.</summary>
/// <param name="Applied">The last commit applied.</param>
/// <param name="Durable">The last commit synced to the volume, and every one before it.</param>
/// <param name="Replicated">The last commit in the journal, and every one before it.</param>
public readonly record struct Watermarks(Sequence Applied, Sequence Durable, Sequence Replicated);
