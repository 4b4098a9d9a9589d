namespace Aether.Persistence;

/// <summary>
/// A place in a world's log. Places order everything in the log: commits of a later writer come after all remaining
/// commits of an earlier writer, even where they reuse sequences that were lost with it.
/// </summary>
/// <param name="Epoch">Epoch of the writer.</param>
/// <param name="Sequence">Sequence of the commit.</param>
public readonly record struct LogPlace(Epoch Epoch, Sequence Sequence)
{
    /// <summary>Whether this place comes after <paramref name="other"/>.</summary>
    public bool IsAfter(LogPlace other) =>
        Epoch > other.Epoch || (Epoch == other.Epoch && Sequence > other.Sequence);

    /// <inheritdoc />
    public override string ToString() => $"{Sequence} of epoch {Epoch}";
}
