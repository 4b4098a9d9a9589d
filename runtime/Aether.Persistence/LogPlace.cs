namespace Aether.Persistence;

/// <summary>
/// A place in a world's log. What stands in the log is ordered by it: a later writer's commits follow all that remain
/// of an earlier one's, also where they have sequences again that were lost with it.
/// </summary>
/// <param name="Epoch">The writer.</param>
/// <param name="Sequence">The commit.</param>
public readonly record struct LogPlace(Epoch Epoch, Sequence Sequence)
{
    /// <summary>Whether it comes after <paramref name="other"/>.</summary>
    public bool IsAfter(LogPlace other) =>
        Epoch > other.Epoch || (Epoch == other.Epoch && Sequence > other.Sequence);

    /// <inheritdoc />
    public override string ToString() => $"{Sequence} of epoch {Epoch}";
}
