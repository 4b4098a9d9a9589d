namespace Aether.Persistence.Inspection;

/// <summary>Commits from one to another, both included.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public sealed record CommitRange(Sequence First, Sequence Last)
{
    /// <summary>How many.</summary>
    public ulong Count => Last.Value - First.Value + 1;

    internal static CommitRange? Between(Sequence first, Sequence last) =>
        first <= last ? new CommitRange(first, last) : null;
}
