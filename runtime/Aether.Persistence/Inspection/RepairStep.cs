namespace Aether.Persistence.Inspection;

/// <summary>What a repair does to one file.</summary>
/// <param name="File">The segment.</param>
/// <param name="Quarantine">Where the file is moved, unchanged.</param>
/// <param name="Rewritten">Names of the new segments for the blocks that stay in the log.</param>
public sealed record RepairStep(string File, string Quarantine, IReadOnlyList<string> Rewritten);
