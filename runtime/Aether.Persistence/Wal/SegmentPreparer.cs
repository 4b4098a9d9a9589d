using Aether.Persistence.Storage;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Wal;

/// <summary>
/// Creates the next segment in the background while the present one fills, so that no commit waits for it. Forces a
/// snapshot when the log grows large, so that old segments can be dropped.
/// </summary>
internal sealed partial class SegmentPreparer(
    WriteAheadLog log, Action forceSnapshot, TimeProvider clock, ILogger<SegmentPreparer> logger)
{
    // How soon to look for room that others may have freed. Room freed by a snapshot needs no attempt, because the
    // dropped segment becomes the spare.
    private static readonly TimeSpan FullRetry = TimeSpan.FromSeconds(10);

    private bool _full;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await log.WaitForNeedOfSpareAsync(cancellationToken);
            if (log.IsLarge)
                forceSnapshot();
            while (!TryPrepare())
            {
                // On a full volume a snapshot makes room, because segments that it and the journal cover can be
                // dropped. Each segment created in that room needs another snapshot.
                forceSnapshot();
                await WaitForNeedOrRetryAsync(cancellationToken);
            }
        }
    }

    private async Task WaitForNeedOrRetryAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(
            log.WaitForNeedOfSpareAsync(either.Token), Task.Delay(FullRetry, clock, either.Token));
        await either.CancelAsync();
        await first;
    }

    private bool TryPrepare()
    {
        using var survivable = SurvivableAllocations.Enter();
        try
        {
            log.PrepareSpare();
            _full = false;
            return true;
        }
        catch (IOException exception) when (DiskError.IsFull(exception))
        {
            if (!_full)
                LogVolumeFull(exception.Message);
            _full = true;
            return false;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            // Do not end the writer yet: the cause may be gone when the present segment is full. If it is not, creating
            // the next segment ends the writer then.
            LogNotPrepared(exception.Message);
            return true;
        }
    }

    [LoggerMessage(2501, LogLevel.Warning, "Could not prepare the next segment of the log: {Reason}")]
    private partial void LogNotPrepared(string reason);

    [LoggerMessage(2502, LogLevel.Warning,
        "The volume is full, so the next segment of the log could not be prepared: {Reason} Once the current segment "
        + "is full, commits are refused (RESOURCE_EXHAUSTED) until a snapshot allows segments to be dropped. Make the "
        + "volume larger than spec.wal.maxBytes, or lower spec.wal.maxBytes")]
    private partial void LogVolumeFull(string reason);
}
