using System.Text.Json.Serialization;

namespace Aether.Samples.World.Economy;

/// <summary>JSON format of the values in the state.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Inventory))]
[JsonSerializable(typeof(LaneRecord))]
[JsonSerializable(typeof(Totals))]
internal sealed partial class EconomyJson : JsonSerializerContext;
