using System.Diagnostics;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>How a writer survives the outage of a store.</summary>
internal static class Outages
{
    /// <summary>
    /// Timeout of requests in tests that expect them to fail. The others use the product's own, longer timeouts, so
    /// that a machine that freezes for seconds does not fail them.
    /// </summary>
    public static TimeSpan Impatience => TimeSpan.FromSeconds(4);

    /// <summary>Retries until the store answers, as the engine does.</summary>
    public static async Task OutlastAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            try
            {
                await action(either.Token);
                return;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, either.Token);
            }
        }
    }

    /// <summary>
    /// Checks repeatedly, as the agent does, until the status contains <paramref name="text"/>: on a busy machine an
    /// attempt may time out before it meets the cause. Returns the last status in any case.
    /// </summary>
    public static async Task<BackendStatus> CheckUntilAsync(
        Func<CancellationToken, Task<BackendStatus>> checkAsync, string text, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var status = await checkAsync(cancellationToken);
            if (status.Message.Contains(text, StringComparison.Ordinal)
                || Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
                return status;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
