namespace Aether.ControllerRuntime;

/// <summary>A controller as the host sees it.</summary>
internal interface IControllerLoop
{
    /// <summary>The name in logs and metrics.</summary>
    string Name { get; }

    /// <summary>Whether all its workers are at work; false before it starts and after one has died.</summary>
    bool IsRunning { get; }

    /// <summary>Works until it is asked to stop, then lets running reconciles end.</summary>
    /// <param name="stopping">No further pass starts.</param>
    /// <param name="aborting">Running passes are cancelled.</param>
    Task RunAsync(CancellationToken stopping, CancellationToken aborting);
}
