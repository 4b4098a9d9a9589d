namespace Aether.Persistence.Contracts;

/// <summary>Names of the headers that gRPC calls begin with.</summary>
public static class AetherHeaders
{
    /// <summary>That a subscription stands, whether or not there is an event.</summary>
    public const string Subscribed = "aether-subscribed";
}
