using Aether.Agent.Settings;

namespace Aether.Agent.Worlds;

/// <summary>
/// Reads the settings again when their folder changes, and makes the stores switch to new credentials, CAs and
/// addresses. Settings that cannot be used yet are tried again; until then the world keeps the former ones.
/// </summary>
internal sealed partial class SettingsWatch(
    SettingsSource? source, AgentOptions started, WorldStores stores, TimeProvider clock, ILogger<SettingsWatch> logger)
{
    /// <summary>How often the folder is checked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private string _stamp = "";
    private volatile SettingsState _state = new(started.CredentialsRevision, Problem: "", NeedsRestart: false);

    /// <summary>The settings in use.</summary>
    public SettingsState State => _state;

    /// <summary>Watches until <paramref name="ended"/>.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        if (source is null)
            return;

        // The folder may have changed since the agent read it at its start, so the first check always reads it.
        try
        {
            while (true)
            {
                await RefreshAsync(source, ended);
                await Task.Delay(Interval, clock, ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The agent ends.
        }
        catch (Exception defect)
        {
            // The world keeps its settings; the reports say that changes are no longer noticed.
            _state = _state with { Problem = $"A defect ended the watch for changed settings: {defect.Message}" };
            LogDefect(defect);
        }
    }

    private async Task RefreshAsync(SettingsSource settings, CancellationToken cancellationToken)
    {
        string stamp;
        AgentOptions options;
        try
        {
            stamp = settings.Stamp();
            if (stamp == _stamp)
                return;
            options = settings.Read();
        }
        catch (Exception e) when (e is InvalidSettingsException or IOException or UnauthorizedAccessException)
        {
            Report(e.Message);
            return;
        }

        var problems = await stores.UseAsync(options, cancellationToken);
        if (problems.Count > 0)
        {
            Report(string.Join(" ", problems));
            return;
        }

        if (_stamp.Length > 0)
            LogInUse(options.CredentialsRevision);
        _stamp = stamp;
        var restart = options.NeedsRestartAfter(started);
        if (restart && !_state.NeedsRestart)
            LogNeedsRestart();
        _state = new SettingsState(options.CredentialsRevision, Problem: "", restart);
    }

    private void Report(string problem)
    {
        if (_state.Problem == problem)
            return;
        _state = _state with { Problem = problem };
        LogNotUsed(problem);
    }

    [LoggerMessage(1014, LogLevel.Information,
        "The settings have changed, and the agent now uses the new ones (credentials {Revision})")]
    private partial void LogInUse(string revision);

    [LoggerMessage(1015, LogLevel.Warning,
        "The settings have changed and cannot be used yet. The agent keeps the former ones: {Problem}")]
    private partial void LogNotUsed(string problem);

    [LoggerMessage(1017, LogLevel.Error, "A defect ended the watch for changed settings")]
    private partial void LogDefect(Exception defect);

    [LoggerMessage(1016, LogLevel.Warning,
        "Settings have changed that the agent reads at its start only. Restart the pod to apply them")]
    private partial void LogNeedsRestart();
}
