using System.Text.Json.Serialization;

namespace Aether.Persistence.Contracts;

/// <summary>Reads and writes reports without reflection, which NativeAOT does not have.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AgentReport))]
internal sealed partial class AgentReportJson : JsonSerializerContext;
