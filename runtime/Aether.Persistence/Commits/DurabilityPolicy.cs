using Aether.Persistence.Contracts;

namespace Aether.Persistence.Commits;

/// <summary>
/// Determines the durability of a commit: the requested level or the default, and at least what its kinds require.
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

    /// <exception cref="DurabilityUnavailableException">The commit asks for more than this world offers.</exception>
    public Durability LevelOf(Commit commit)
    {
        var level = commit.Durability ?? _default;
        if (level > _strongest)
            throw new DurabilityUnavailableException(level, _strongest, Reason);
        if (level < Durability.Memory)
            throw new InvalidCommitException("durability", $"{(int)level} is not a durability");
        if (_kinds.Count == 0)
            return level;

        for (var i = 0; i < commit.Mutations.Count; i++)
            if (_kinds.TryGetValue(commit.Mutations[i].Key.Kind, out var needed))
                level = Max(level, Max(needed, _default));
        return level;
    }

    /// <exception cref="DurabilityUnavailableException">The world has no log, so no read is ever confirmed.</exception>
    public void CheckConfirmedReads()
    {
        if (_strongest < Durability.Fsync)
            throw new DurabilityUnavailableException(Durability.Fsync, _strongest, Reason);
    }

    /// <exception cref="InvalidCommitException">Callers cannot wait for this level.</exception>
    /// <exception cref="DurabilityUnavailableException">This world never reaches that level.</exception>
    public void CheckAwaitable(Durability level)
    {
        if (level is not (Durability.Fsync or Durability.Replicated))
            throw new InvalidCommitException(
                "durability", $"callers cannot wait for {level}: use Fsync or Replicated");
        if (level > _strongest)
            throw new DurabilityUnavailableException(level, _strongest, Reason);
    }

    private string Reason => _strongest == Durability.Memory
        ? "the world has no write-ahead log (spec.wal.enabled)."
        : "the world has no journal.";

    private void CheckOffered(string setting, Durability level)
    {
        if (level > _strongest)
            throw new ArgumentException(
                $"{setting} needs {level}, but the strongest durability of this world is {_strongest}: {Reason}");
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
