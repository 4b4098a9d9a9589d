using Aether.Agent.Settings;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Stores;

namespace Aether.Agent.Reports;

/// <summary>
/// Reports the status of the world to the operator: at every change of phase, epoch or snapshot, and at regular
/// intervals, so that silence indicates a problem. Only one report is sent at a time and none is queued, so an
/// unavailable channel does not affect the world.
/// </summary>
internal sealed partial class WorldReporter(
    AgentOptions options,
    PersistenceRuntime runtime,
    WorldStores stores,
    SettingsWatch settings,
    TimeProvider clock,
    ILogger<WorldReporter> logger)
{
    private static readonly TimeSpan FinalReportPatience = TimeSpan.FromSeconds(1);

    private readonly ReportBuilder _builder = new(options, settings, clock);
    private string? _problem;
    private bool _sent;

    /// <summary>Reports until <paramref name="ended"/>.</summary>
    /// <param name="stop">The agent was asked to stop: an operation that then ends early has not failed.</param>
    /// <param name="ended">
    /// The agent is about to exit; the caller then calls <see cref="SendFinalReportAsync"/>.
    /// </param>
    public async Task RunAsync(CancellationToken stop, CancellationToken ended)
    {
        try
        {
            while (stores.Reports is { } reports)
            {
                var change = runtime.NextChange;
                await TrySendAsync(reports, _builder.Build(runtime.Status, stop.IsCancellationRequested), ended);
                await WaitAsync(change, reports.Interval, ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The agent is about to exit, and SendFinalReportAsync sends the last report.
        }
        catch (Exception defect)
        {
            // End the agent on a defect here: otherwise it would keep its lease while the operator does not know its
            // status.
            _problem = defect.Message;
            runtime.Abort(defect);
        }
    }

    /// <summary>Sends the final report if the report before it could be sent. Waits one second at most.</summary>
    public async Task SendFinalReportAsync(ExitCode exitCode)
    {
        if (stores.Reports is not { } reports || !_sent || _problem is not null)
            return;

        using var patience = new CancellationTokenSource(FinalReportPatience, clock);
        try
        {
            await TrySendAsync(reports, _builder.BuildLast(runtime.Status, exitCode), patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            LogNotSent("no answer in time");
        }
    }

    private async Task WaitAsync(Task change, TimeSpan longest, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended);
        await Task.WhenAny(change, Task.Delay(longest, clock, either.Token));
        await either.CancelAsync();
        ended.ThrowIfCancellationRequested();
    }

    private async Task TrySendAsync(IReportChannel reports, AgentReport report, CancellationToken cancellationToken)
    {
        try
        {
            await reports.SendAsync(report.Write(), cancellationToken);
            if (_problem is not null)
                LogSentAgain();
            (_problem, _sent) = (null, true);
        }
        catch (StoreUnavailableException e)
        {
            if (_problem != e.Message)
                LogNotSent(e.Message);
            _problem = e.Message;
        }
    }

    [LoggerMessage(1011, LogLevel.Warning,
        "Cannot report the status to the operator. The world is not affected, and the agent tries again: {Reason}")]
    private partial void LogNotSent(string reason);

    [LoggerMessage(1012, LogLevel.Information, "Status reports reach the operator again")]
    private partial void LogSentAgain();
}
