namespace Aether.Operator.Provisioning;

/// <summary>
/// A store could not be inspected or provisioned. The message goes into a condition, so it contains no secret.
/// </summary>
internal sealed class ProvisioningException(StoreReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Reason of the store's condition.</summary>
    public StoreReason Reason { get; } = reason;
}
