namespace Aether.Operator.Kinds;

/// <summary>Requests and limits of the agent's container, as quantities by resource name.</summary>
internal sealed class AgentResources
{
    public IDictionary<string, string>? Requests { get; set; }

    public IDictionary<string, string>? Limits { get; set; }
}
