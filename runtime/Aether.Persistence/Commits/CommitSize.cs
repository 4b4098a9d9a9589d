using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Aether.Persistence.Commits;

/// <summary>Checks the sizes of a commit that can be known without encoding it.</summary>
internal static class CommitSize
{
    /// <exception cref="InvalidCommitException">There are too many mutations, or too large ones.</exception>
    public static void Check(Commit commit)
    {
        Check("mutations", "mutations", 1, CommitLimits.MaxMutations, commit.Mutations.Count);
        long total = 0;
        for (var i = 0; i < commit.Mutations.Count; i++)
        {
            var length = commit.Mutations[i].Value.Length;
            if (length > CommitLimits.MaxValueBytes)
                Check($"mutations[{i}].put", "bytes", 0, CommitLimits.MaxValueBytes, length);
            total += length;
        }

        if (total > CommitLimits.MaxCommitBytes)
            Refuse(commit);
    }

    /// <summary>Refuses a commit for the bytes of its keys and values together.</summary>
    [DoesNotReturn]
    public static void Refuse(Commit commit) => throw new InvalidCommitException(
        "mutations",
        "bytes of keys and values",
        1,
        CommitLimits.MaxCommitBytes,
        commit.Mutations.Sum(mutation => (long)mutation.Value.Length
            + Encoding.UTF8.GetByteCount(mutation.Key.Kind ?? "")
            + Encoding.UTF8.GetByteCount(mutation.Key.Id ?? "")));

    private static void Check(string field, string unit, long smallest, long limit, long actual)
    {
        if (actual < smallest || actual > limit)
            throw new InvalidCommitException(field, unit, smallest, limit, actual);
    }
}
