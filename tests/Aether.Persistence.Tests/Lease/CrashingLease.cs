using Aether.Persistence.Lease;

namespace Aether.Persistence.Tests.Lease;

/// <summary>
/// A store of the lease that leaves the sync of renewals to somebody else, and forgets in a crash what was not synced.
/// </summary>
/// <param name="confirmsAtOnce">Whether a renewal is confirmed before it is synced: the defect to find.</param>
internal sealed class CrashingLease(bool confirmsAtOnce)
{
    private readonly List<TaskCompletionSource> _waiting = [];
    private Row _row = new(Epoch.None, "", Guid.Empty, DateTimeOffset.MinValue);
    private Row _synced = new(Epoch.None, "", Guid.Empty, DateTimeOffset.MinValue);

    private bool ConfirmsAtOnce { get; } = confirmsAtOnce;

    /// <summary>Number of crashes that took a renewal back.</summary>
    public int Lost { get; private set; }

    /// <summary>Syncs everything, and confirms the renewals that waited for it.</summary>
    public void Sync()
    {
        _synced = _row;
        End(waiting => waiting.TrySetResult());
    }

    public void Crash()
    {
        Lost += _row == _synced ? 0 : 1;
        _row = _synced;
        End(waiting => waiting.TrySetException(new StoreUnavailableException("simulated", "crashed")));
    }

    private void End(Action<TaskCompletionSource> end)
    {
        var ended = _waiting.ToList();
        _waiting.Clear();
        ended.ForEach(end);
    }

    private sealed record Row(Epoch Epoch, string Holder, Guid VolumeId, DateTimeOffset ExpiresAt);

    /// <summary>The store as one agent sees it, behind a network of its own.</summary>
    public sealed class Link(CrashingLease store, TimeProvider clock) : IWorldLease
    {
        public bool IsCut { get; set; }

        public Task<LeaseAttempt> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
        {
            if (IsCut)
                return Task.FromException<LeaseAttempt>(Unreachable());
            var (row, now) = (store._row, clock.GetUtcNow());
            if (row.ExpiresAt > now && row.VolumeId != request.VolumeId)
                return Task.FromResult(LeaseAttempt.HeldBy(row.Epoch, row.Holder, row.ExpiresAt - now));
            var epoch = new Epoch(row.Epoch.Value + 1);
            store._row = new Row(epoch, request.Holder, request.VolumeId, now + request.TimeToLive);
            store.Sync();
            return Task.FromResult(LeaseAttempt.Taken(epoch, request.Holder, request.TimeToLive, now));
        }

        public Task RenewAsync(Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken)
        {
            if (IsCut)
                return Task.FromException(Unreachable());
            if (store._row.Epoch != epoch)
                return Task.FromException(new FencedException(epoch, store._row.Epoch, store._row.Holder));
            store._row = store._row with { ExpiresAt = clock.GetUtcNow() + timeToLive };
            if (store.ConfirmsAtOnce)
                return Task.CompletedTask;
            var waiting = new TaskCompletionSource();
            store._waiting.Add(waiting);
            return waiting.Task.WaitAsync(cancellationToken);
        }

        public Task ConfirmAsync(Epoch epoch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReleaseAsync(Epoch epoch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<EpochRecord>> ReadEpochsAfterAsync(
            Epoch epoch, CancellationToken cancellationToken) => throw new NotSupportedException();

        private static StoreUnavailableException Unreachable() => new("simulated", "unreachable");
    }
}
