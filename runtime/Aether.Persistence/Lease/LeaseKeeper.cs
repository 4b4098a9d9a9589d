using Aether.Persistence.Contracts;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Lease;

/// <summary>
/// Takes the lease, keeps it, and knows whether it surely still holds: by the monotonic clock, and counted from
/// before each request was sent, so that this writer gives up before the store does.
/// </summary>
internal sealed partial class LeaseKeeper(
    IWorldLease lease, PersistenceOptions options, TimeProvider clock, ILogger<LeaseKeeper> logger)
{
    // As many as Redis tells apart: the numbers of its scripts are doubles.
    private const ulong HighestEpoch = 1UL << 53;

    private readonly Lock _gate = new();
    private TaskCompletionSource _renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);  // _gate
    private long _renewedAt;
    private volatile bool _opening;

    public BackendHealth Health { get; } = new("lease");

    /// <summary>The epoch taken.</summary>
    public Epoch Epoch { get; private set; }

    /// <summary>What time it is, by the store's clock and by our own.</summary>
    public WorldClock Time { get; private set; } = new(clock, clock.GetUtcNow(), clock.GetTimestamp());

    /// <summary>Whether commits may be acknowledged, as far as the lease is concerned.</summary>
    public bool MayAcknowledge =>
        options.OnJournalLoss == JournalLossPolicy.Continue
        || clock.GetElapsedTime(Volatile.Read(ref _renewedAt)) < options.LeaseTimeToLive;

    /// <summary>For how long the lease has not been renewed.</summary>
    public TimeSpan SinceRenewal => clock.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>
    /// Waits for the lease under an epoch above <paramref name="above"/>; <paramref name="onWaiting"/> hears what for.
    /// </summary>
    public async Task AcquireAsync(
        Guid volumeId, Epoch above, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        var request = new LeaseRequest(options.Holder, volumeId, options.LeaseTimeToLive) { Above = above };
        _opening = true;
        try
        {
            await Backoff.RetryAsync(
                () => TakeWhenFreeAsync(request, onWaiting, cancellationToken),
                outage =>
                {
                    Health.Failed(outage);
                    LogUnreachable(outage.Message);
                    onWaiting(outage.Message);
                },
                clock,
                cancellationToken);
        }
        finally
        {
            _opening = false;
        }
    }

    /// <summary>
    /// What to do when another store refuses our epoch for a higher one. If the lease knows of a later writer, it
    /// throws. Else it was restored from an older backup than that store, and is taken again, above that epoch.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    /// <exception cref="RecoveryException">No writer ever had an epoch as high as that.</exception>
    public async Task ReopenAboveAsync(
        FencedException refused, Guid volumeId, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        await Backoff.RetryAsync(
            () => lease.ConfirmAsync(Epoch, cancellationToken),
            outage => onWaiting(outage.Message),
            clock,
            cancellationToken);
        if (refused.Current.Value >= HighestEpoch)
            throw new RecoveryException(
                $"A store holds epoch {refused.Current} for this world, which no writer can have had (the highest is "
                + $"{HighestEpoch}): something else wrote there. Restore that store from a backup.");
        LogReopening(Epoch, refused.Current);
        await AcquireAsync(volumeId, refused.Current, onWaiting, cancellationToken);
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

    private async Task TakeWhenFreeAsync(
        LeaseRequest request, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        while (true)
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

            LogHeld(attempt.Holder, attempt.Epoch, attempt.Remaining);
            onWaiting($"'{attempt.Holder}' holds the lease under epoch {attempt.Epoch}.");
            await Task.Delay(Between(attempt.Remaining), clock, cancellationToken);
        }
    }

    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RenewInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var epoch = Epoch;
        try
        {
            var sentAt = clock.GetTimestamp();
            await lease.RenewAsync(epoch, options.LeaseTimeToLive, either.Token);
            Renewed(sentAt);
            return true;
        }
        catch (FencedException) when (_opening || epoch != Epoch)
        {
            // This runtime opened the world again under a higher epoch.
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

    // Do not sleep until the lease expires, because it may be released earlier; and do not ask the store too often.
    private TimeSpan Between(TimeSpan remaining) =>
        remaining > TimeSpan.Zero && remaining < RetryInterval ? remaining : RetryInterval;

    [LoggerMessage(2301, LogLevel.Information, "Took the lease under epoch {Epoch}")]
    private partial void LogAcquired(Epoch epoch);

    [LoggerMessage(2302, LogLevel.Information,
        "Waiting: '{Holder}' holds the lease under epoch {Epoch} for another {Remaining}")]
    private partial void LogHeld(string holder, Epoch epoch, TimeSpan remaining);

    [LoggerMessage(2303, LogLevel.Warning, "Waiting: the store of the lease is unavailable: {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(2304, LogLevel.Warning, "The lease cannot be renewed: {Reason}. Policy on journal loss: {Policy}")]
    private partial void LogNotRenewed(string reason, JournalLossPolicy policy);

    [LoggerMessage(2306, LogLevel.Warning,
        "A store of this world knows epoch {Known}, but the lease is only at {Epoch} and names no later writer: the "
        + "lease was restored from an older backup. Opening the world again above both epochs")]
    private partial void LogReopening(Epoch epoch, Epoch known);

    [LoggerMessage(2305, LogLevel.Information, "The lease is renewed again")]
    private partial void LogRenewedAgain();
}
