using System.Text.Json.Serialization;

namespace Aether.Operator.Kinds;

/// <summary>Requests and limits of the agent's container, as quantities by resource name.</summary>
internal sealed class AgentResources
{
    [JsonConverter(typeof(QuantitiesConverter))]
    public IDictionary<string, string>? Requests { get; set; }

    [JsonConverter(typeof(QuantitiesConverter))]
    public IDictionary<string, string>? Limits { get; set; }
}
