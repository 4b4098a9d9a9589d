namespace Aether.Persistence;

/// <summary>A key does not have the expected version. Read the key again and decide again.</summary>
public sealed class VersionMismatchException(StateKey key, Sequence expected, Sequence current)
    : CommitRejectedException(
        $"'{key}' has version {current}, the commit expected {expected} (0: must not exist). Read it again and retry.")
{
    /// <summary>The key.</summary>
    public StateKey Key { get; } = key;

    /// <summary>The version the commit expected.</summary>
    public Sequence Expected { get; } = expected;

    /// <summary>The version the key has, or <see cref="Sequence.None"/>.</summary>
    public Sequence Current { get; } = current;
}
