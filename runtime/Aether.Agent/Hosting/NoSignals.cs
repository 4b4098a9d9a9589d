namespace Aether.Agent.Hosting;

/// <summary>Leaves signals to <see cref="Program"/>: the world must be drained before the listeners stop.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
