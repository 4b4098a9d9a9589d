using System.Text.Json.Serialization;

namespace Aether.Agent.Json;

/// <summary>A refusal in the form of RFC 9457; the facts are the gRPC trailers, under the same names.</summary>
internal sealed record JsonProblem
{
    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    [JsonExtensionData]
    public IDictionary<string, object?> Facts { get; set; } = new Dictionary<string, object?>();
}
