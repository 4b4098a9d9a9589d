namespace Aether.Persistence.Inspection;

/// <summary>The commits from a first to a last, both included.</summary>
/// <param name="First">The first commit.</param>
/// <param name="Last">The last commit.</param>
public sealed record CommitRange(Sequence First, Sequence Last)
{
    /// <summary>Number of commits.</summary>
    public ulong Count => Last.Value - First.Value + 1;

    internal static CommitRange? Between(Sequence first, Sequence last) =>
        first <= last ? new CommitRange(first, last) : null;
}
