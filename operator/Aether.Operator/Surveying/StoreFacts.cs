namespace Aether.Operator.Surveying;

/// <summary>
/// The fingerprints of one store's last survey, and what a later one says about the worlds. Used by one thread at a
/// time.
/// </summary>
/// <remarks>
/// A world needs an inspection if its fingerprint differs from that of the survey before, or if there is none. A fact
/// that changes after an inspection is in a later survey, which then differs, or was in the first survey of the
/// world, which causes an inspection after it.
/// </remarks>
internal sealed class StoreFacts
{
    private Dictionary<string, string> _facts = [];

    /// <summary>Why the last survey failed; null if it succeeded.</summary>
    public string? Failure { get; private set; }

    /// <summary>Takes a survey; returns the worlds that need an inspection.</summary>
    /// <param name="worlds">The worlds that the backend has now, by id.</param>
    /// <param name="found">The fingerprints that the store has; a world that it does not know has none.</param>
    public IReadOnlyList<string> Take(
        IReadOnlyCollection<string> worlds, IReadOnlyDictionary<string, string> found)
    {
        Failure = null;
        var facts = worlds.ToDictionary(id => id, id => found.GetValueOrDefault(id, ""));
        var changed = facts
            .Where(entry => !_facts.TryGetValue(entry.Key, out var before) || before != entry.Value)
            .Select(entry => entry.Key)
            .ToList();
        _facts = facts;
        return changed;
    }

    /// <summary>
    /// Takes a failed survey; returns whether its cause is new. What was found before stays, so that a change since
    /// then shows in the next survey.
    /// </summary>
    public bool Fail(string failure)
    {
        var isNew = Failure != failure;
        Failure = failure;
        return isNew;
    }
}
