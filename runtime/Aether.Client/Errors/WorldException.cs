namespace Aether.Client;

/// <summary>
/// The agent refused a call or could not be reached. One subclass for each decision a caller can take.
/// </summary>
public class WorldException : Exception
{
    /// <summary>A refusal with the agent's own words.</summary>
    public WorldException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
