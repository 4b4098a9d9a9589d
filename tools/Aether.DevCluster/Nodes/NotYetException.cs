namespace Aether.DevCluster.Nodes;

/// <summary>An object that a pod needs does not exist yet; the pod waits and shows the reason.</summary>
/// <param name="reason">Reason a waiting container shows: ContainerCreating, CreateContainerConfigError.</param>
/// <param name="message">What is missing.</param>
internal sealed class NotYetException(string reason, string message) : Exception(message)
{
    public const string ContainerCreating = "ContainerCreating";
    public const string ConfigError = "CreateContainerConfigError";
    public const string ImageMissing = "ErrImageNeverPull";

    /// <summary>Reason a waiting container shows.</summary>
    public string Reason { get; } = reason;
}
