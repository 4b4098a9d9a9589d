using Aether.Persistence.Lease;
using Aether.Persistence.State;

namespace Aether.Persistence;

/// <summary>Puts a <see cref="RuntimeStatus"/> together.</summary>
internal static class RuntimeStatusBuilder
{
    public static RuntimeStatus Build(
        PersistenceOptions options,
        RuntimePhase phase,
        string detail,
        LeaseKeeper lease,
        BackendHealth wal,
        ServedWorld? served)
    {
        // Asked for first: a position that is waited for elsewhere must not be ahead of the one it belongs to.
        var replicated = served?.Pipeline.Replicated.Value ?? Sequence.None;
        var durable = served?.Pipeline.Durable.Value ?? Sequence.None;
        var (sequence, keys, bytes, digest) = served?.Pipeline.Measure() ?? (Sequence.None, 0, 0, StateDigest.Empty);
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
            Digest = digest,
            Recovery = served?.Report,
            RecoveryPoint = served?.Shipper is { } shipper && shipper.Measure() is var (unshipped, age)
                ? new RecoveryPoint(sequence.Value - replicated.Value, unshipped, age)
                : null,
            LastSnapshot = served?.Recorder.Last,
            Backends =
            [
                .. options.WalEnabled ? [wal.Status] : Array.Empty<BackendStatus>(),
                lease.Health.Status,
                .. served?.Shipper is null ? Array.Empty<BackendStatus>() : [served.Shipper.Health.Status],
                .. served is null ? Array.Empty<BackendStatus>() : [served.Recorder.Health.Status],
            ],
        };
    }
}
