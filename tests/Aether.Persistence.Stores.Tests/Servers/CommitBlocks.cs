using System.Text;
using Aether.Persistence.Commits;
using Aether.Persistence.State;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>Blocks of commits, encoded by the engine.</summary>
internal static class CommitBlocks
{
    private static readonly DateTimeOffset WrittenAt = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A block of one commit for each list of mutations, from commit <paramref name="first"/> on.</summary>
    public static LogBlock Of(ulong first, params Mutation[][] commits)
    {
        var block = new PendingBlock();
        block.Begin(new Sequence(first));
        for (var i = 0; i < commits.Length; i++)
        {
            var sequence = first + (ulong)i;
            var draft = CommitDraft.Of(new Commit(commits[i], null, null));
            draft.Stamp(WrittenAt.AddSeconds(sequence));
            block.Add(draft.Encoded, new Sequence(sequence), WrittenAt.AddSeconds(sequence));
        }

        block.Seal(new StateDigest(first + (ulong)commits.Length - 1));
        return block.Close(new Epoch(1), previous: 0).Block;
    }

    public static Mutation Put(string kind, string id, string value) =>
        Mutation.Put(new StateKey(kind, id), Encoding.UTF8.GetBytes(value));

    public static Mutation Delete(string kind, string id) => Mutation.Delete(new StateKey(kind, id));

    /// <summary>An entry as in a recovered state.</summary>
    public static StateEntry Entry(string kind, string id, ulong version, string value) =>
        new(new StateKey(kind, id), new StateValue(Encoding.UTF8.GetBytes(value), new Sequence(version)));
}
