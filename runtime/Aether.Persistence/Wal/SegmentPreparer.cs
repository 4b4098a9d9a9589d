using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Wal;

/// <summary>
/// Makes the next segment while the present one fills, so that no commit waits for it; and has a snapshot taken when
/// the log grows large, so that old ones can go.
/// </summary>
internal sealed partial class SegmentPreparer(
    WriteAheadLog log, Action forceSnapshot, ILogger<SegmentPreparer> logger)
{
    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await log.WaitForNeedOfSpareAsync(cancellationToken);
            if (log.IsLarge)
                forceSnapshot();
            try
            {
                log.PrepareSpare();
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException or OutOfMemoryException)
            {
                // Not the end: there may be room again when the segment in use is full, and else it is said then.
                LogNotPrepared(exception.Message);
            }
        }
    }

    [LoggerMessage(2501, LogLevel.Warning, "The next segment of the log could not be made ahead: {Reason}")]
    private partial void LogNotPrepared(string reason);
}
