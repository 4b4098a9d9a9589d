using Aether.Persistence.Contracts;

namespace Aether.Persistence.Commits;

/// <summary>
/// Which durability a commit gets: what it asks for or the default, and never less than its kinds need.
/// </summary>
internal sealed class DurabilityPolicy
{
    private readonly Durability _default;
    private readonly Durability _strongest;
    private readonly Dictionary<string, Durability> _kinds;

    public DurabilityPolicy(PersistenceOptions options, bool hasJournal)
    {
        _default = options.DefaultDurability;
        _strongest = !options.WalEnabled ? Durability.Memory : hasJournal ? Durability.Replicated : Durability.Fsync;
        _kinds = options.CriticalKinds.ToDictionary(kind => kind.Key, kind => LevelOf(kind.Value));
        CheckOffered(nameof(PersistenceOptions.DefaultDurability), _default);
        foreach (var (kind, level) in _kinds)
            CheckOffered($"{nameof(PersistenceOptions.CriticalKinds)}[{kind}]", level);
    }

    /// <exception cref="DurabilityUnavailableException">The commit asks for more than this world has.</exception>
    public Durability LevelOf(Commit commit)
    {
        var level = commit.Durability ?? _default;
        if (level > _strongest)
            throw new DurabilityUnavailableException(level, _strongest, Reason);
        if (level < Durability.Memory)
            throw new InvalidCommitException("durability", $"{(int)level} is no durability");
        if (_kinds.Count == 0)
            return level;

        for (var i = 0; i < commit.Mutations.Count; i++)
            if (_kinds.TryGetValue(commit.Mutations[i].Key.Kind, out var needed))
                level = Max(level, Max(needed, _default));
        return level;
    }

    /// <exception cref="DurabilityUnavailableException">There is no log, so nothing is ever confirmed.</exception>
    public void CheckConfirmedReads()
    {
        if (_strongest < Durability.Fsync)
            throw new DurabilityUnavailableException(Durability.Fsync, _strongest, Reason);
    }

    /// <exception cref="InvalidCommitException">This is no level one can wait for.</exception>
    /// <exception cref="DurabilityUnavailableException">This world never reaches it.</exception>
    public void CheckAwaitable(Durability level)
    {
        if (level is not (Durability.Fsync or Durability.Replicated))
            throw new InvalidCommitException(
                "durability", $"{level} cannot be waited for: ask for Fsync or Replicated");
        if (level > _strongest)
            throw new DurabilityUnavailableException(level, _strongest, Reason);
    }

    private string Reason => _strongest == Durability.Memory
        ? "the world has no write-ahead log (spec.wal.enabled)."
        : "the world has no journal.";

    private void CheckOffered(string setting, Durability level)
    {
        if (level > _strongest)
            throw new ArgumentException($"{setting} needs {level}, the strongest here is {_strongest}: {Reason}");
    }

    private static Durability LevelOf(CriticalPriority priority) => priority switch
    {
        CriticalPriority.Low => Durability.Batched,
        CriticalPriority.Medium => Durability.Fsync,
        CriticalPriority.High => Durability.Replicated,
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "Low, Medium or High."),
    };

    private static Durability Max(Durability left, Durability right) => left > right ? left : right;
}
