namespace Aether.ControllerRuntime;

/// <summary>Runs an <see cref="ILeaderLoop"/> as the host runs controllers.</summary>
internal sealed class LeaderLoop(ILeaderLoop loop) : IControllerLoop
{
    private volatile bool _running;

    public string Name => loop.Name;

    public bool IsRunning => _running;

    public async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        _running = true;
        try
        {
            await loop.RunAsync(stopping, aborting);
        }
        finally
        {
            _running = false;
        }
    }
}
