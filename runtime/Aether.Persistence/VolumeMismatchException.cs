namespace Aether.Persistence;

/// <summary>The volume belongs to another world.</summary>
public sealed class VolumeMismatchException(string expected, string actual)
    : Exception(
        $"The volume belongs to world '{actual}', this agent serves '{expected}'. Nothing was changed. Mount the "
        + "world's own volume, or an empty one: the world then recovers from its journal. If both are the same world, "
        + $"annotate its WorldPersistence with persistence.aether.dev/adopt-uid={actual}.")
{
    /// <summary>The world the agent serves.</summary>
    public string Expected { get; } = expected;

    /// <summary>The world the volume belongs to.</summary>
    public string Actual { get; } = actual;
}
