using System.Text.Json.Serialization;

namespace Aether.Samples.World.Economy;

/// <summary>How the values of the state are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Inventory))]
[JsonSerializable(typeof(LaneRecord))]
[JsonSerializable(typeof(Totals))]
internal sealed partial class EconomyJson : JsonSerializerContext;
