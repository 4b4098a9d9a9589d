using Aether.Operator.Kinds;

namespace Aether.Operator.Reconciling;

/// <summary>
/// Confirms, at most once per reconcile, that the Secret it works with is the stored one. A cached Secret may be older
/// than the last rotation: passwords from it would lock out the agents, which have the newer ones.
/// </summary>
internal sealed class SecretCheck(WorldSecret secrets, WorldPersistence world, FoundSecret found)
{
    private readonly Lock _lock = new();
    private Task? _confirmed; // guarded by _lock

    /// <summary>Call before the first change of a store or of the rotation's state.</summary>
    /// <exception cref="StaleSecretException">The stored Secret is another.</exception>
    public Task ConfirmAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _confirmed ??= secrets.ConfirmAsync(world, found, cancellationToken);
    }

    /// <summary>This reconcile has written the Secret, so the one at hand is the stored one.</summary>
    public void Written()
    {
        lock (_lock)
            _confirmed = Task.CompletedTask;
    }
}
