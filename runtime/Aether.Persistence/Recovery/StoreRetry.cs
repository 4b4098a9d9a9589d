using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Recovery;

/// <summary>Repeats a request until its store answers, and reports what the recovery is waiting for.</summary>
internal sealed partial class StoreRetry(TimeProvider clock, Action<string> onWaiting, ILogger logger)
{
    public Task<T> AskAsync<T>(Func<Task<T>> question, CancellationToken cancellationToken) =>
        Backoff.RetryAsync(question, OnUnavailable, clock, cancellationToken);

    public Task AskAsync(Func<Task> question, CancellationToken cancellationToken) =>
        Backoff.RetryAsync(question, OnUnavailable, clock, cancellationToken);

    private void OnUnavailable(StoreUnavailableException outage)
    {
        LogWaiting(outage.Message);
        onWaiting(outage.Message);
    }

    [LoggerMessage(2106, LogLevel.Warning, "Recovery waits: {Reason}")]
    private partial void LogWaiting(string reason);
}
