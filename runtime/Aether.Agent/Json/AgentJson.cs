using System.Text.Json.Serialization;

namespace Aether.Agent.Json;

/// <summary>
/// Every type that is read or written as JSON, generated at build time, because NativeAOT has no reflection.
/// </summary>
[JsonSourceGenerationOptions(
    // The other generated code is not used if enums are written as strings.
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(JsonCommit))]
[JsonSerializable(typeof(JsonCommitted))]
[JsonSerializable(typeof(JsonEntry))]
[JsonSerializable(typeof(JsonScan))]
[JsonSerializable(typeof(JsonSnapshot))]
[JsonSerializable(typeof(JsonPublished))]
[JsonSerializable(typeof(JsonStatus))]
[JsonSerializable(typeof(JsonProblem))]
[JsonSerializable(typeof(string))]
internal sealed partial class AgentJson : JsonSerializerContext;
