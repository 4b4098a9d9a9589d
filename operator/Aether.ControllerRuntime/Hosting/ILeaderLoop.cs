namespace Aether.ControllerRuntime;

/// <summary>
/// Work of a process that leads which no controller does, such as listening to something that is not the API server.
/// A loop that ends before it is asked to ends the process, as a controller's loop does.
/// </summary>
public interface ILeaderLoop
{
    /// <summary>The name in the health check.</summary>
    string Name { get; }

    /// <summary>Runs until it is asked to stop.</summary>
    /// <param name="stopping">Begin nothing new, and return.</param>
    /// <param name="aborting">Give up what is under way: another process may lead already.</param>
    Task RunAsync(CancellationToken stopping, CancellationToken aborting);
}
