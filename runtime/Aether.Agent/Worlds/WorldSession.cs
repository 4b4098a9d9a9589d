using Aether.Agent.Settings;
using Aether.Persistence;
using Aether.Persistence.Journal;
using Aether.Persistence.Runtime;
using Aether.Persistence.Stores;
using Aether.Persistence.Wal;

namespace Aether.Agent.Worlds;

/// <summary>One run of the world in this process: recover, serve, drain; or report why that is impossible.</summary>
internal sealed partial class WorldSession(
    AgentOptions options,
    PersistenceRuntime runtime,
    WorldEvents events,
    TimeProvider clock,
    ILogger<WorldSession> logger)
{
    /// <summary>Serves the world until <paramref name="stop"/>, then drains it.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken stop)
    {
        LogSettings(options.Describe());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await runtime.StartAsync(stop);
            var status = runtime.Status;
            LogServing(options.WorldName, status.Epoch, status.Sequence, status.Keys, status.Recovery?.Duration);

            // The world does not wait for its events, whose store alone may be unavailable.
            var serving = runtime.Completion.WaitAsync(stop);
            await await Task.WhenAny(serving, events.OpenAsync(status.Epoch, over.Token));
            await serving;
            return ExitCode.Stopped;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await DrainAsync();
        }
        catch (Exception e)
        {
            return Explain(e);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    [LoggerMessage(1002, LogLevel.Information, "Listening: gRPC {Grpc}, JSON {Json}, health {Health}")]
    public partial void LogListening(string grpc, string json, string health);

    private async Task<ExitCode> DrainAsync()
    {
        LogStopping(options.StopGrace);
        if (runtime.Status.RecoveryPoint is { Commits: > 0 } behind)
            LogShippingFirst(behind.Commits, behind.Bytes);
        using var grace = new CancellationTokenSource(options.StopGrace, clock);
        try
        {
            var unsaved = await runtime.StopAsync(grace.Token);

            // The world may have been fenced, or its log may have failed, while it drained.
            if (runtime.Completion.IsFaulted)
                await runtime.Completion;
            if (unsaved is not null)
            {
                LogLost(unsaved.First, unsaved.Last, unsaved.Reason);
                return ExitCode.Incomplete;
            }
        }
        catch (OperationCanceledException) when (grace.IsCancellationRequested)
        {
            LogGraceOver(options.StopGrace);
        }
        catch (Exception e)
        {
            return Explain(e);
        }

        var status = runtime.Status;
        LogStopped(status.Sequence);
        if (status.RecoveryPoint is not { Commits: > 0 } lost)
            return ExitCode.Stopped;
        LogUnshipped(lost.Commits, lost.Bytes, status.Replicated, status.Sequence);
        return ExitCode.Incomplete;
    }

    /// <summary>The exit code for the reason of the world's end.</summary>
    public static ExitCode CodeOf(Exception reason) => reason switch
    {
        FencedException => ExitCode.Fenced,
        WalFailedException or JournalFellBackException => ExitCode.WalFailed,
        WalCorruptException or RecoveryException or JournalGapException => ExitCode.RecoveryFailed,
        VolumeDamagedException => ExitCode.RecoveryFailed,
        VolumeException { IsConfiguration: false } => ExitCode.WalFailed,
        VolumeException or VolumeInUseException or VolumeMismatchException or InvalidStoreSettingException =>
            ExitCode.BadConfiguration,
        _ => ExitCode.Defect,
    };

    private ExitCode Explain(Exception reason)
    {
        try
        {
            Log(reason);
        }
        catch (Exception)
        {
            // After a failed allocation the logger may fail, too. The exit code is what counts, and says the same.
        }

        return CodeOf(reason);
    }

    private void Log(Exception reason)
    {
        switch (reason)
        {
            case FencedException fenced:
                LogFenced(fenced.Holder, fenced.Own, fenced.Current);
                break;
            case WalFailedException:
                LogFailed("the write-ahead log failed", reason.Message);
                break;
            case JournalFellBackException:
                LogFailed("the journal lost commits", reason.Message);
                break;
            case WalCorruptException corrupt:
                LogFailed("the world could not be recovered", corrupt.DescribeOn(options.VolumeDirectory));
                break;
            case RecoveryException or JournalGapException:
                LogFailed("the world could not be recovered", reason.Message);
                break;
            case VolumeException refused:
                LogFailed(
                    "the volume cannot be used", $"{refused.Message} {refused.AdviseOn(options.VolumeDirectory)}");
                break;
            case VolumeDamagedException damaged:
                LogFailed(
                    "the world could not be recovered",
                    $"{damaged.Message} 'aether wal verify {options.VolumeDirectory}' checks the whole volume.");
                break;
            case InvalidStoreSettingException:
                LogFailed("the settings of a store do not fit the world", reason.Message);
                break;
            case VolumeInUseException or VolumeMismatchException:
                LogFailed("the volume is in use or belongs to another world", reason.Message);
                break;
            default:
                LogDefect(reason);
                break;
        }
    }

    [LoggerMessage(1001, LogLevel.Information, "Settings: {Settings}")]
    private partial void LogSettings(string settings);

    [LoggerMessage(1003, LogLevel.Information,
        "Serving {World}: epoch {Epoch}, sequence {Sequence}, {Keys} keys, recovered in {Recovery}")]
    private partial void LogServing(string world, Epoch epoch, Sequence sequence, long keys, TimeSpan? recovery);

    [LoggerMessage(1004, LogLevel.Information, "Asked to stop: draining for at most {Grace}")]
    private partial void LogStopping(TimeSpan grace);

    [LoggerMessage(1018, LogLevel.Warning,
        "{Commits} acknowledged commits ({Bytes} bytes) are not in the journal yet. Shipping them before the stop")]
    private partial void LogShippingFirst(ulong commits, long bytes);

    [LoggerMessage(1019, LogLevel.Critical,
        "Stopped with {Commits} acknowledged commits ({Bytes} bytes) that are not in the journal: those after "
        + "{Replicated} up to {Sequence}. If the volume is deleted with the pod, they are lost. Otherwise the next "
        + "agent on the volume ships them")]
    private partial void LogUnshipped(ulong commits, long bytes, Sequence replicated, Sequence sequence);

    [LoggerMessage(1005, LogLevel.Information, "Stopped at sequence {Sequence}")]
    private partial void LogStopped(Sequence sequence);

    [LoggerMessage(1030, LogLevel.Critical,
        "Stopped, and commits {First} to {Last} are lost: the world has no log, and its last snapshot was not "
        + "stored: {Reason}")]
    private partial void LogLost(Sequence first, Sequence last, string reason);

    [LoggerMessage(1006, LogLevel.Warning,
        "Stopped after {Grace} with unfinished work. Every acknowledged commit is on the volume, and the next start "
        + "continues from there")]
    private partial void LogGraceOver(TimeSpan grace);

    [LoggerMessage(1007, LogLevel.Critical,
        "Fenced by '{Holder}', which opened the world under epoch {Current}. This writer had epoch {Own}, and it "
        + "acknowledges nothing more")]
    private partial void LogFenced(string holder, Epoch own, Epoch current);

    [LoggerMessage(1008, LogLevel.Critical, "Stopping because {What}: {Reason}")]
    private partial void LogFailed(string what, string reason);

    [LoggerMessage(1009, LogLevel.Critical, "Stopping because of a defect")]
    private partial void LogDefect(Exception defect);
}
