using System.Text.Json;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime;

/// <summary>Acquires, renews and releases the Lease of the leader.</summary>
/// <remarks>
/// As in client-go, another replica's lease counts as expired once this process has seen it unchanged for its duration
/// on its own monotonic clock. The times written in the lease do not count, so that clocks need not agree. Every write
/// carries the resourceVersion that was read: if two replicas try, one gets a conflict.
/// </remarks>
[EntityRbac(typeof(V1Lease), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal sealed partial class LeaderElector(
    LeaderElectionOptions options,
    IObjectClient objects,
    RandomSource random,
    ILogger<LeaderElector> logger,
    TimeProvider clock)
{
    private const double AcquireJitter = 1.2;

    private readonly ObjectKey _key = new(options.Namespace, options.Name);
    private V1Lease? _seen;
    private long _seenAt;
    private long _triedAt;
    private long _heldAt;

    /// <summary>Waits until this process leads.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        LogWaiting(_key, options.Identity);
        while (!await TryOnceAsync(options.RenewDeadline, cancellationToken))
        {
            var pause = options.RetryPeriod * (1 + ((AcquireJitter - 1) * random()));
            await Task.Delay(pause, clock, cancellationToken);
        }

        LogLeading(_key, options.Identity);
    }

    /// <summary>Renews until cancelled; returns by itself only if the lease is lost.</summary>
    /// <remarks>
    /// One attempt may take half of the deadline, as in controller-runtime, and the next one then follows at once. So a
    /// single request without an answer does not lose the lease.
    /// </remarks>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (_seen is null || IsOurs(_seen))
        {
            var pause = options.RetryPeriod - clock.GetElapsedTime(_triedAt);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, clock, cancellationToken);
            var left = options.RenewDeadline - clock.GetElapsedTime(_heldAt);
            if (left <= TimeSpan.Zero)
            {
                LogNotRenewed(_key, options.RenewDeadline);
                return;
            }

            var most = options.RenewDeadline / 2;
            await TryOnceAsync(left < most ? left : most, cancellationToken);
        }

        LogLost(_key, _seen.Spec?.HolderIdentity ?? "no holder");
    }

    /// <summary>Releases the lease, so that another replica need not wait for its expiry.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_seen is not { } lease || !IsOurs(lease))
            return;

        lease.Spec.HolderIdentity = "";
        lease.Spec.LeaseDurationSeconds = 1;
        lease.Spec.RenewTime = MicroTime.Of(clock.GetUtcNow());
        try
        {
            _seen = await objects.ReplaceAsync(lease, cancellationToken);
            LogReleased(_key);
        }
        catch (Exception exception) when (IsExpected(exception) || cancellationToken.IsCancellationRequested)
        {
            LogNotReleased(_key, exception.Message);
        }
    }

    /// <summary>Tries once to acquire or renew; false also if the API server did not answer.</summary>
    internal async Task<bool> TryOnceAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _triedAt = clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            if (!await TryAcquireOrRenewAsync(either.Token))
                return false;

            // Count from before the attempt: other replicas count from when they see the renewal, which is later.
            _heldAt = _triedAt;
            return true;
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested
            && (IsExpected(exception) || exception is OperationCanceledException))
        {
            LogAttemptFailed(_key, exception.Message);
            return false;
        }
    }

    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        // Replace the version this process wrote last, without reading first. On a conflict, read: the conflict may
        // come from a write of its own whose answer was lost.
        if (_seen is { } own && IsOurs(own)
            && await WriteAsync(objects.ReplaceAsync(Renewed(own), cancellationToken)))
            return true;

        var lease = await ReadAsync(cancellationToken);
        if (lease is null)
            return await WriteAsync(objects.CreateAsync(New(), cancellationToken));
        if (!IsOurs(lease) && IsHeld(lease))
            return false;

        return await WriteAsync(objects.ReplaceAsync(Renewed(lease), cancellationToken));
    }

    private async Task<V1Lease?> ReadAsync(CancellationToken cancellationToken)
    {
        var lease = await objects.TryGetAsync<V1Lease>(_key, cancellationToken);
        if (lease?.Metadata.ResourceVersion != _seen?.Metadata.ResourceVersion)
            See(lease);
        return lease;
    }

    private async Task<bool> WriteAsync(Task<V1Lease> write)
    {
        try
        {
            See(await write);
            return true;
        }
        catch (ApiException exception) when (exception.IsConflict || exception.IsAlreadyExists || exception.IsNotFound)
        {
            // Another client wrote the lease; the next attempt reads it.
            _seen = null;
            return false;
        }
    }

    private void See(V1Lease? lease)
    {
        _seen = lease;
        _seenAt = clock.GetTimestamp();
    }

    private V1Lease New() => new()
    {
        Metadata = new V1ObjectMeta { NamespaceProperty = options.Namespace, Name = options.Name },
        Spec = SpecFrom(acquired: MicroTime.Of(clock.GetUtcNow()), transitions: 0),
    };

    private V1Lease Renewed(V1Lease lease)
    {
        var spec = lease.Spec ?? new V1LeaseSpec();
        var transitions = spec.LeaseTransitions ?? 0;
        return new V1Lease
        {
            Metadata = lease.Metadata,
            Spec = IsOurs(lease)
                ? SpecFrom(spec.AcquireTime, transitions)
                : SpecFrom(MicroTime.Of(clock.GetUtcNow()), transitions + 1),
        };
    }

    private V1LeaseSpec SpecFrom(DateTime? acquired, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
        AcquireTime = acquired is { } time ? MicroTime.Of(time) : null,
        RenewTime = MicroTime.Of(clock.GetUtcNow()),
        LeaseTransitions = transitions,
    };

    private bool IsOurs(V1Lease lease) => lease.Spec?.HolderIdentity == options.Identity;

    private bool IsHeld(V1Lease lease) =>
        !string.IsNullOrEmpty(lease.Spec?.HolderIdentity)
        && clock.GetElapsedTime(_seenAt) < TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0);

    private static bool IsExpected(Exception exception) =>
        exception is ApiException or HttpRequestException or IOException or TimeoutException or JsonException;

    [LoggerMessage(4201, LogLevel.Information, "This replica waits for lease {Lease} as {Identity}")]
    private partial void LogWaiting(ObjectKey lease, string identity);

    [LoggerMessage(4202, LogLevel.Information, "This replica leads and holds lease {Lease} as {Identity}")]
    private partial void LogLeading(ObjectKey lease, string identity);

    [LoggerMessage(4203, LogLevel.Critical, "Lost lease {Lease} to {Holder}; ending the process")]
    private partial void LogLost(ObjectKey lease, string holder);

    [LoggerMessage(
        4207, LogLevel.Critical,
        "Lease {Lease} could not be renewed for {Deadline}, and another replica may take it soon; ending the process. "
        + "The warnings before this line say why: check whether the API server or this pod lacks CPU")]
    private partial void LogNotRenewed(ObjectKey lease, TimeSpan deadline);

    [LoggerMessage(4204, LogLevel.Information, "Released lease {Lease}")]
    private partial void LogReleased(ObjectKey lease);

    [LoggerMessage(4205, LogLevel.Warning, "Lease {Lease} could not be released and will expire instead: {Reason}")]
    private partial void LogNotReleased(ObjectKey lease, string reason);

    [LoggerMessage(4206, LogLevel.Warning, "Could not acquire or renew lease {Lease}, retrying: {Reason}")]
    private partial void LogAttemptFailed(ObjectKey lease, string reason);
}
