namespace Aether.ControllerRuntime;

/// <summary>A controller, as seen by the host.</summary>
internal interface IControllerLoop
{
    /// <summary>The name in logs and metrics.</summary>
    string Name { get; }

    /// <summary>Whether all its workers run; false before the start and after a worker has failed.</summary>
    bool IsRunning { get; }

    /// <summary>Runs until <paramref name="stopping"/> is cancelled, then waits for running reconciles.</summary>
    /// <param name="stopping">No further reconcile starts.</param>
    /// <param name="aborting">Running reconciles are cancelled.</param>
    Task RunAsync(CancellationToken stopping, CancellationToken aborting);
}
