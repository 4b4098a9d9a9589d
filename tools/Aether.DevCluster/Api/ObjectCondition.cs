namespace Aether.DevCluster.Api;

/// <summary>A condition of an object.</summary>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">Why, as a word.</param>
/// <param name="Message">Why, as a sentence.</param>
internal sealed record ObjectCondition(string Status, string Reason, string Message)
{
    /// <summary>Whether it holds.</summary>
    public bool IsTrue => Status == "True";
}
