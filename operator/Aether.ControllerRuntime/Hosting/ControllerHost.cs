using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>Runs the caches in every replica and the controllers in the leader.</summary>
/// <remarks>
/// On a clean stop the running reconciles end first, while the lease is still renewed; then the lease is released, and
/// the caches stop last. If the lease is lost or a loop ends by itself, the process exits with <see
/// cref="FailureExitCode"/>: nothing is restarted in place, so that the next process starts from a known state.
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

    // Returns before a stop is requested only if the lease is lost.
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

    // Runs until it is cancelled, even without any cache, unless a cache's loop fails.
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
        // Cancel at once if the lease is lost: another replica may lead within seconds, and no reconcile of this one
        // may still run then.
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

    [LoggerMessage(4401, LogLevel.Critical,
        "The controllers failed and cannot continue; the process exits so that a new one starts from a known state")]
    private partial void LogDied(Exception exception);
}
