namespace Aether.Agent.Json;

/// <summary>A posted commit.</summary>
internal sealed record JsonCommit
{
    public IReadOnlyList<JsonMutation?>? Mutations { get; init; } = [];

    // Text, because the JSON reader for enums would also accept numbers and lists of names.
    public string? Durability { get; init; }

    public string? IdempotencyKey { get; init; }

    public JsonPlace? FirstSentAfter { get; init; }
}
