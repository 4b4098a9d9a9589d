namespace Aether.DevCluster.Api;

/// <summary>A condition of an object.</summary>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">The reason, as one word.</param>
/// <param name="Message">The reason, as a sentence.</param>
internal sealed record ObjectCondition(string Status, string Reason, string Message)
{
    /// <summary>Whether the status is True.</summary>
    public bool IsTrue => Status == "True";
}
