namespace Aether.ControllerRuntime;

/// <summary>
/// Work of the leader that no controller does, such as listening to a source other than the API server. If the loop
/// ends before it is cancelled, the process exits, as it does for a controller.
/// </summary>
public interface ILeaderLoop
{
    /// <summary>The name in the health check.</summary>
    string Name { get; }

    /// <summary>Runs until <paramref name="stopping"/> is cancelled.</summary>
    /// <param name="stopping">Start no new work, and return.</param>
    /// <param name="aborting">Abandon work in progress: another process may already lead.</param>
    Task RunAsync(CancellationToken stopping, CancellationToken aborting);
}
