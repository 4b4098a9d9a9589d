namespace Aether.Operator.Provisioning;

/// <summary>A store cannot be brought into its state. The message is for a condition: it holds no secret.</summary>
internal sealed class ProvisioningException(string reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>One of <see cref="StoreReasons"/>.</summary>
    public string Reason { get; } = reason;
}
