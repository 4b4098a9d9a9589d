using Aether.Persistence;

namespace Aether.Agent.Json;

/// <summary>A posted commit.</summary>
internal sealed record JsonCommit
{
    public IReadOnlyList<JsonMutation?>? Mutations { get; init; } = [];

    public Durability? Durability { get; init; }

    public string? IdempotencyKey { get; init; }

    public JsonPlace? FirstSentAfter { get; init; }
}
