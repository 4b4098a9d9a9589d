using System.Text.Json.Serialization;

namespace Aether.Agent.Json;

/// <summary>A refusal as RFC 9457 has it; the facts are the trailers gRPC would carry, by their names.</summary>
internal sealed record JsonProblem
{
    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    [JsonExtensionData]
    public IDictionary<string, object?> Facts { get; set; } = new Dictionary<string, object?>();
}
