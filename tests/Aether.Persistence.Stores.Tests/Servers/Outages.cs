using System.Diagnostics;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>How a writer lives through the outage of a store.</summary>
internal static class Outages
{
    /// <summary>
    /// How long a request waits in tests that see it fail. The others have the product's own, longer bounds: a machine
    /// that stands still for seconds must not fail them.
    /// </summary>
    public static TimeSpan Impatience => TimeSpan.FromSeconds(4);

    /// <summary>Tries again until the store answers, as the engine does.</summary>
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
    /// Checks, as the agent does again and again, until the status says <paramref name="text"/>: on a busy machine an
    /// attempt may run out of time before it meets the cause. Returns the last status in any case.
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
