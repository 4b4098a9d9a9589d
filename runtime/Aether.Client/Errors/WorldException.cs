namespace Aether.Client;

/// <summary>
/// The agent refused a call or could not be reached. There is one subclass for each decision that a caller can take.
/// </summary>
public class WorldException : Exception
{
    /// <summary>A refusal with the agent's own message.</summary>
    public WorldException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
