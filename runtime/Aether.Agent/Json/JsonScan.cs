namespace Aether.Agent.Json;

/// <summary>Entries of a kind as of one sequence; truncated when there are more than were asked for.</summary>
internal sealed record JsonScan(ulong AsOf, bool Truncated, IReadOnlyList<JsonEntry> Entries);
