namespace Aether.Persistence.Contracts;

/// <summary>Names of the headers that the agent sends at the start of gRPC calls.</summary>
public static class AetherHeaders
{
    /// <summary>Sent when a subscription is established, whether or not there is an event.</summary>
    public const string Subscribed = "aether-subscribed";
}
