namespace Aether.Agent.Json;

/// <summary>Entries of a kind as of one sequence; truncated if there are more than the requested number.</summary>
internal sealed record JsonScan(ulong AsOf, bool Truncated, IReadOnlyList<JsonEntry> Entries);
