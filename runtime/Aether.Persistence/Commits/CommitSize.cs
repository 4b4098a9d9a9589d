using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Aether.Persistence.Commits;

/// <summary>Checks the sizes of a commit.</summary>
internal static class CommitSize
{
    /// <exception cref="InvalidCommitException">There are no mutations, or too many.</exception>
    public static void CheckMutations(int count)
    {
        if (count is < 1 or > CommitLimits.MaxMutations)
            throw new InvalidCommitException("mutations", "mutations", 1, CommitLimits.MaxMutations, count);
    }

    /// <exception cref="InvalidCommitException">The value of the mutation is too large.</exception>
    public static void CheckValue(int bytes, int index)
    {
        if (bytes > CommitLimits.MaxValueBytes)
            throw new InvalidCommitException(
                $"mutations[{index}].put", "bytes", 0, CommitLimits.MaxValueBytes, bytes);
    }

    /// <summary>Refuses a commit because its keys and values together are too large.</summary>
    [DoesNotReturn]
    public static void Refuse(Commit commit) => throw new InvalidCommitException(
        "mutations",
        "bytes of keys and values",
        1,
        CommitLimits.MaxCommitBytes,
        commit.Mutations.Sum(mutation => (long)mutation.Value.Length
            + Encoding.UTF8.GetByteCount(mutation.Key.Kind ?? "")
            + Encoding.UTF8.GetByteCount(mutation.Key.Id ?? "")));
}
