using Aether.Operator.Provisioning;
using Aether.Operator.Resolving;

namespace Aether.Operator.LiveStatus;

/// <summary>Receives agents' reports from one source, and reconnects after a failure.</summary>
internal sealed partial class ReportListener(
    ReportSource source, IReportReader reader, LatestReports latest, TimeProvider clock, ILogger<ReportListener> logger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private volatile TaskCompletionSource _refresh = NewSignal();
    private TimeSpan _pause = ShortestPause;
    private string? _problem;

    /// <summary>Reconnects, because the backend or one of its Secrets has changed.</summary>
    public void Refresh() => _refresh.TrySetResult();

    /// <summary>Receives until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var refresh = _refresh = NewSignal();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var listening = TryListenAsync(either.Token);
            if (await Task.WhenAny(listening, refresh.Task) == listening)
                await Task.WhenAny(Task.Delay(_pause, clock, either.Token), refresh.Task);
            await either.CancelAsync();
            await listening;
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private async Task TryListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await reader.ReadAsync(Opened, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped, or to be reconnected.
        }
        catch (Exception exception) when (exception is BackendException or ProvisioningException)
        {
            Lost(exception.Message);
        }
        catch (Exception exception)
        {
            // Like a failed reconcile: retry, and meanwhile show in the status that it is not live.
            LogFailed(exception, source);
            latest.Lost(source, exception.Message);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Opened()
    {
        latest.Opened(source);
        (_pause, _problem) = (ShortestPause, null);
        LogOpened(source);
    }

    private void Lost(string problem)
    {
        latest.Lost(source, problem);
        if (_problem != problem)
            LogLost(source, problem);
        _problem = problem;
    }

    [LoggerMessage(5201, LogLevel.Information, "Receiving reports of agents through backend {Source}")]
    private partial void LogOpened(ReportSource source);

    [LoggerMessage(5202, LogLevel.Warning,
        "No reports of agents arrive through backend {Source}, retrying; worlds are not affected: {Problem}")]
    private partial void LogLost(ReportSource source, string problem);

    [LoggerMessage(5203, LogLevel.Error, "Receiving reports of agents through backend {Source} failed; retrying")]
    private partial void LogFailed(Exception exception, ReportSource source);
}
