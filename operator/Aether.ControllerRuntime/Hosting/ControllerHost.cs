using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>Runs caches in every replica, and controllers in the one that leads.</summary>
/// <remarks>
/// On a clean stop the controllers end their passes first, while the lease is still renewed; then the lease is
/// released, and the caches go last. A lost lease, or any of its loops ending by itself, ends the process with
/// <see cref="FailureExitCode"/>: there is nothing to restart, a new process starts on a known state.
/// </remarks>
internal sealed partial class ControllerHost(
    OperatorSettings options,
    IEnumerable<ICacheLoop> caches,
    IEnumerable<IControllerLoop> controllers,
    IEnumerable<LeaderElector> electors,
    Leadership leadership,
    ControllerRuntimeMetrics metrics,
    IHostApplicationLifetime lifetime,
    ILogger<ControllerHost> logger,
    TimeProvider clock) : BackgroundService
{
    public const int FailureExitCode = 70;

    private readonly IReadOnlyList<ICacheLoop> _caches = [.. caches];
    private readonly IReadOnlyList<IControllerLoop> _controllers = [.. controllers];
    private readonly LeaderElector? _elector = electors.SingleOrDefault();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var controller in _controllers)
            metrics.AddController(controller.Name);
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogDied(exception);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            leadership.Set(false);
        }

        if (!stoppingToken.IsCancellationRequested)
        {
            Environment.ExitCode = FailureExitCode;
            lifetime.StopApplication();
        }
    }

    // Returns before a stop was asked for only if the lease is lost.
    private async Task RunAsync(CancellationToken stopping)
    {
        using var ended = new CancellationTokenSource();
        var watching = WatchAsync(ended.Token);
        try
        {
            if (_elector is not null)
                await UntilFirstAsync(_elector.AcquireAsync(stopping), watching);
            leadership.Set(true);
            await LeadAsync(watching, stopping);
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
        }
    }

    // Never ends by itself, not even without a cache, unless one of them dies.
    private async Task WatchAsync(CancellationToken ended)
    {
        List<Task> loops = [.. _caches.Select(cache => cache.RunAsync(ended)), UntilAsync(ended)];
        await await Task.WhenAny(loops);
        await Task.WhenAll(loops);
    }

    private async Task LeadAsync(Task watching, CancellationToken stopping)
    {
        using var renewalEnds = new CancellationTokenSource();
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        var stop = UntilAsync(stopping);
        var renewing = RenewAsync(renewalEnds.Token);
        var working = _controllers.Select(controller => controller.RunAsync(halt.Token, abort.Token)).ToList();

        var first = await Task.WhenAny([stop, renewing, watching, .. working]);
        await halt.CancelAsync();
        // Without the lease another process may act a few seconds from now: nothing may still be under way then.
        abort.CancelAfter(first == stop ? options.DrainTimeout : TimeSpan.Zero);
        try
        {
            await Task.WhenAll(working);
            await first;
        }
        finally
        {
            await renewalEnds.CancelAsync();
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_elector is not null && first != renewing)
                await ReleaseAsync(_elector);
        }
    }

    private async Task RenewAsync(CancellationToken ends)
    {
        if (_elector is not null)
            await _elector.RenewAsync(ends);
        else
            await UntilAsync(ends);
    }

    private async Task UntilAsync(CancellationToken cancelled) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancelled)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task ReleaseAsync(LeaderElector elector)
    {
        using var deadline = new CancellationTokenSource(options.DrainTimeout, clock);
        await elector.ReleaseAsync(deadline.Token);
    }

    private static async Task UntilFirstAsync(Task awaited, Task watching) =>
        await await Task.WhenAny(awaited, watching);

    [LoggerMessage(4401, LogLevel.Critical, "The controllers cannot continue; ending the process")]
    private partial void LogDied(Exception exception);
}
