using Aether.Persistence.Commits;
using Aether.Persistence.State;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>A world that came back, as a <see cref="WorldModel"/> uses it.</summary>
internal interface IScheduledWorld
{
    Sequence Sequence { get; }

    StateDigest Digest { get; }

    ValueTask<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken);

    Task<StateValue?> ReadConfirmedAsync(StateKey key, CancellationToken cancellationToken);

    /// <summary>All keys and their values.</summary>
    Dictionary<StateKey, StateValue> Read();

    /// <summary>Makes the next segment ahead; it matters to nobody if that fails.</summary>
    void PrepareSpare();

    /// <summary>Takes a snapshot and drops what it makes dispensable; false if a store did not let it.</summary>
    Task<bool> TrySnapshotAsync(CancellationToken cancellationToken);
}
