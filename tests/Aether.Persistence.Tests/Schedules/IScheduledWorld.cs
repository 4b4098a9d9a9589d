using Aether.Persistence.Commits;
using Aether.Persistence.State;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>A recovered world, as a <see cref="WorldModel"/> uses it.</summary>
internal interface IScheduledWorld
{
    Sequence Sequence { get; }

    StateDigest Digest { get; }

    ValueTask<CommitResult> CommitAsync(Commit commit, CancellationToken cancellationToken);

    Task<StateValue?> ReadConfirmedAsync(StateKey key, CancellationToken cancellationToken);

    /// <summary>All keys and their values.</summary>
    Dictionary<StateKey, StateValue> Read();

    /// <summary>Creates the next segment ahead; a failure does not matter.</summary>
    void PrepareSpare();

    /// <summary>
    /// Takes a snapshot and drops the data that it makes unnecessary; returns false if a store failed.
    /// </summary>
    Task<bool> TrySnapshotAsync(CancellationToken cancellationToken);
}
