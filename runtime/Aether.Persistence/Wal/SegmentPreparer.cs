using Aether.Persistence.Storage;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Wal;

/// <summary>
/// Makes the next segment while the present one fills, so that no commit waits for it; and has a snapshot taken when
/// the log grows large, so that old ones can go.
/// </summary>
internal sealed partial class SegmentPreparer(
    WriteAheadLog log, Action forceSnapshot, TimeProvider clock, ILogger<SegmentPreparer> logger)
{
    // For room that others give back. The snapshot's own room needs no attempt: the segment it lets go of becomes the
    // spare.
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
                // On a full volume a snapshot makes room: what it and the journal hold can go. Each segment that is
                // begun in that room needs the next snapshot.
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
            // Not the end: the cause may be gone when the segment in use is full. If it is not, the writer ends then.
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
