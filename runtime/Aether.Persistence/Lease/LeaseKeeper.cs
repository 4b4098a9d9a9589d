using Aether.Persistence.Contracts;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Lease;

/// <summary>
/// Takes the lease, renews it, and knows whether it is certainly still valid: measured by the monotonic clock, and from
/// before each request was sent, so that this writer stops before the store gives the lease to another.
/// </summary>
internal sealed partial class LeaseKeeper(
    IWorldLease lease, PersistenceOptions options, TimeProvider clock, ILogger<LeaseKeeper> logger)
{
    // The highest epoch that Redis can tell apart from the next: numbers in its scripts are doubles.
    private const ulong HighestEpoch = 1UL << 53;

    private static readonly TimeSpan LongestRetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private TaskCompletionSource _renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);  // _gate
    private long _renewedAt;
    private volatile bool _opening;

    public BackendHealth Health { get; } = new("lease");

    /// <summary>The epoch of this writer.</summary>
    public Epoch Epoch { get; private set; }

    /// <summary>The time, by the store's clock and by this machine's.</summary>
    public WorldClock Time { get; private set; } = new(clock, clock.GetUtcNow(), clock.GetTimestamp());

    /// <summary>Whether the lease allows commits to be acknowledged.</summary>
    public bool MayAcknowledge =>
        options.OnJournalLoss == JournalLossPolicy.Continue
        || clock.GetElapsedTime(Volatile.Read(ref _renewedAt)) < options.LeaseTimeToLive;

    /// <summary>Time since the last renewal.</summary>
    public TimeSpan SinceRenewal => clock.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>
    /// Waits for the lease under an epoch above <paramref name="above"/>; <paramref name="onWaiting"/> is called with
    /// the reason for waiting.
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
    /// Decides what to do when another store refuses this epoch for a higher one. If the lease knows of a later writer,
    /// this throws. Otherwise the lease was restored from an older backup than that store, and is taken again under an
    /// epoch above the store's.
    /// </summary>
    /// <exception cref="FencedException">Another writer has opened the world.</exception>
    /// <exception cref="RecoveryException">No writer can have had an epoch as high as that.</exception>
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

    /// <summary>The openings of the world between <paramref name="epoch"/> and this writer's own.</summary>
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

    /// <summary>Ends all waits, because the lease will not be renewed any more.</summary>
    public void Fail(Exception failure)
    {
        lock (_gate)
            _renewed.TrySetException(failure);
    }

    private TimeSpan RenewInterval => options.LeaseTimeToLive / 3;

    // A long lease is no reason to notice late that its holder released it, or that the store answers again.
    private TimeSpan RetryInterval =>
        options.LeaseTimeToLive / 10 < LongestRetryInterval ? options.LeaseTimeToLive / 10 : LongestRetryInterval;

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
            // This runtime itself has opened the world again under a higher epoch.
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

    // Do not sleep until the lease expires, because its holder may release it earlier; and do not ask the store too
    // often.
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
