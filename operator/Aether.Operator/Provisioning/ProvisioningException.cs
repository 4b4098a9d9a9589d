namespace Aether.Operator.Provisioning;

/// <summary>A store cannot be brought into its state. The message is for a condition: it holds no secret.</summary>
internal sealed class ProvisioningException(StoreReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Reason of the store's condition.</summary>
    public StoreReason Reason { get; } = reason;
}
