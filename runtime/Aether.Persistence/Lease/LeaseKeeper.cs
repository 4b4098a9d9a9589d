using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Lease;

/// <summary>
/// Takes the lease, keeps it, and knows whether it surely still holds: by the monotonic clock, and counted from
/// before each request was sent, so that this writer gives up before the store does.
/// </summary>
internal sealed partial class LeaseKeeper(
    IWorldLease lease, PersistenceOptions options, TimeProvider clock, ILogger<LeaseKeeper> logger)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);  // _gate
    private long _renewedAt;

    public BackendHealth Health { get; } = new("lease");

    /// <summary>The epoch taken.</summary>
    public Epoch Epoch { get; private set; }

    /// <summary>What time it is, by the store's clock and by our own.</summary>
    public WorldClock Time { get; private set; } = new(clock, clock.GetUtcNow(), clock.GetTimestamp());

    /// <summary>Whether commits may be acknowledged, as far as the lease is concerned.</summary>
    public bool MayAcknowledge =>
        options.OnJournalLoss == JournalLossPolicy.Continue
        || clock.GetElapsedTime(Volatile.Read(ref _renewedAt)) < options.LeaseTimeToLive;

    /// <summary>Waits for the lease; <paramref name="onWaiting"/> hears what for.</summary>
    public async Task AcquireAsync(Guid volumeId, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        var request = new LeaseRequest(options.Holder, volumeId, options.LeaseTimeToLive);
        while (true)
        {
            try
            {
                var sentAt = clock.GetTimestamp();
                var attempt = await lease.TryAcquireAsync(request, cancellationToken);
                Health.Recovered();
                if (attempt.Acquired)
                {
                    Volatile.Write(ref _renewedAt, sentAt);
                    Epoch = attempt.Epoch;
                    Time = new WorldClock(clock, attempt.OpenedAt.Value, sentAt);
                    LogAcquired(attempt.Epoch);
                    return;
                }
                var reason = $"'{attempt.Holder}' holds the lease under epoch {attempt.Epoch}.";
                LogHeld(attempt.Holder, attempt.Epoch, attempt.Remaining);
                onWaiting(reason);
                await Task.Delay(Between(attempt.Remaining), clock, cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                Health.Failed(exception);
                LogUnreachable(exception.Message);
                onWaiting(exception.Message);
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Renews the lease until cancelled.</summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        var wait = RenewInterval;
        while (true)
        {
            await Task.Delay(wait, clock, cancellationToken);
            wait = await TryRenewAsync(cancellationToken) ? RenewInterval : RetryInterval;
        }
    }

    public Task ReleaseAsync(CancellationToken cancellationToken) => lease.ReleaseAsync(Epoch, cancellationToken);

    /// <summary>The openings of the world between <paramref name="epoch"/> and our own.</summary>
    public async Task<IReadOnlyList<EpochRecord>> ReadOpeningsAfterAsync(
        Epoch epoch, CancellationToken cancellationToken) =>
        [.. (await lease.ReadEpochsAfterAsync(epoch, cancellationToken)).Where(record => record.Epoch < Epoch)];

    /// <summary>Waits until <see cref="MayAcknowledge"/>.</summary>
    public async Task WaitUntilMayAcknowledgeAsync(CancellationToken cancellationToken)
    {
        while (!MayAcknowledge)
        {
            Task renewed;
            lock (_gate)
                renewed = _renewed.Task;
            if (!MayAcknowledge)
                await renewed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The lease will not be renewed any more; ends all waits.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
            _renewed.TrySetException(failure);
    }

    private TimeSpan RenewInterval => options.LeaseTimeToLive / 3;

    private TimeSpan RetryInterval => options.LeaseTimeToLive / 10;

    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RenewInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var sentAt = clock.GetTimestamp();
            await lease.RenewAsync(Epoch, options.LeaseTimeToLive, either.Token);
            Renewed(sentAt);
            return true;
        }
        catch (StoreUnavailableException exception)
        {
            NotRenewed(exception);
            return false;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotRenewed(exception);
            return false;
        }
    }

    private void Renewed(long sentAt)
    {
        Volatile.Write(ref _renewedAt, sentAt);
        if (Health.Recovered())
            LogRenewedAgain();
        lock (_gate)
        {
            if (_renewed.TrySetResult())
                _renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void NotRenewed(Exception reason)
    {
        if (Health.Failed(reason))
            LogNotRenewed(reason.Message, options.OnJournalLoss);
    }

    // A lease released in the meantime should not be waited for to its end, nor should the store be pestered.
    private TimeSpan Between(TimeSpan remaining) =>
        remaining > TimeSpan.Zero && remaining < RetryInterval ? remaining : RetryInterval;

    [LoggerMessage(2301, LogLevel.Information, "Took the lease under epoch {Epoch}")]
    private partial void LogAcquired(Epoch epoch);

    [LoggerMessage(2302, LogLevel.Information,
        "Waiting: '{Holder}' holds the lease under epoch {Epoch} for another {Remaining}")]
    private partial void LogHeld(string holder, Epoch epoch, TimeSpan remaining);

    [LoggerMessage(2303, LogLevel.Warning, "Waiting: the lease cannot be asked for: {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(2304, LogLevel.Warning, "The lease cannot be renewed: {Reason}. Policy on journal loss: {Policy}")]
    private partial void LogNotRenewed(string reason, JournalLossPolicy policy);

    [LoggerMessage(2305, LogLevel.Information, "The lease is renewed again")]
    private partial void LogRenewedAgain();
}
