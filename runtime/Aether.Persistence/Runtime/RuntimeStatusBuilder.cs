using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.State;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Runtime;

/// <summary>Builds a <see cref="RuntimeStatus"/>.</summary>
internal static class RuntimeStatusBuilder
{
    // How long a renewal may take, and its retries, before the store counts as unavailable.
    private static readonly TimeSpan RenewalPatience = TimeSpan.FromSeconds(5);

    public static RuntimeStatus Build(
        PersistenceOptions options,
        RuntimePhase phase,
        string detail,
        LeaseKeeper lease,
        BackendHealth wal,
        Volume? volume,
        RecoveryProgress progress,
        RunningWorld? served)
    {
        // Read this first, so that no watermark in the status is ahead of the commits that it counts.
        var replicated = served?.Path.Acknowledger.Replicated.Value ?? Sequence.None;
        var durable = served?.Path.Acknowledger.Durable.Value ?? Sequence.None;
        var (sequence, keys, bytes, digest) = served?.Path.Reader.Measure()
            ?? (progress.Reached, 0, 0, StateDigest.Empty);
        return new RuntimeStatus
        {
            Phase = phase,
            Detail = detail,
            Holder = options.Holder,
            Epoch = lease.Epoch,
            Sequence = sequence,
            Durable = durable,
            Replicated = replicated,
            Keys = keys,
            StateBytes = bytes,
            StateMemoryBytes = served?.Path.Reader.MeasureMemory() ?? 0,
            Digest = digest,
            Recovery = served?.Report,
            RecoveryPoint = served?.Path.Shipper is { } shipper && shipper.Measure() is var (unshipped, age)
                ? new RecoveryPoint(sequence.Value - replicated.Value, unshipped, age)
                : null,
            JournalOutage = served is null ? TimeSpan.Zero : OutageOf(options, lease, served),
            LastSnapshot = served?.Recorder.Last,
            LastSnapshotBytes = served?.Recorder.Last is null ? null : served.Recorder.LastBytes,
            SnapshotLag = served?.Recorder.Lag,
            RecoveryProgress = progress.Ratio,
            Log = served?.MeasureLog(),
            Fencings = volume?.Fencings.Value,
            Backends =
            [
                .. options.WalEnabled ? [wal.Status] : Array.Empty<BackendStatus>(),
                lease.Health.Status,
                .. served?.Path.Shipper is null ? Array.Empty<BackendStatus>() : [served.Path.Shipper.Health.Status],
                .. served is null ? Array.Empty<BackendStatus>() : [served.Recorder.Health.Status],
            ],
        };
    }

    // An idle world sends nothing to its journal, but it renews its lease, which shows whether the store of both
    // answers.
    private static TimeSpan OutageOf(PersistenceOptions options, LeaseKeeper lease, RunningWorld served)
    {
        var append = served.Path.Shipper?.Outage ?? TimeSpan.Zero;
        var overdue = (options.LeaseTimeToLive / 2) + RenewalPatience;
        var renewal = lease.SinceRenewal > overdue ? lease.SinceRenewal : TimeSpan.Zero;
        return append > renewal ? append : renewal;
    }
}
