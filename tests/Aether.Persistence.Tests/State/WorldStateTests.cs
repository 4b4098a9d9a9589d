using Aether.Persistence.Commits;
using Aether.Persistence.State;

namespace Aether.Persistence.Tests.State;

/// <summary>
/// Compares commits that are applied with a delay, as on the live path, with commits that are applied at once.
/// </summary>
public sealed class WorldStateTests
{
    private static readonly PersistenceOptions Options = new() { WorldId = "world", Holder = "holder" };

    private readonly WorldState _soon = new(Options);
    private readonly WorldState _atOnce = new(Options);

    [Theory]
    [Trait("Kind", "Long")]
    [InlineData(1, 40)]
    [InlineData(2, 100_000)]
    public void Reader_sees_every_earlier_commit_at_any_time(int seed, int maxValueBytes)
    {
        var random = new Random(seed);

        for (var i = 0; i < 5_000; i++)
        {
            Commit(new Commit([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Change(random, maxValueBytes))]));
            if (random.Next(50) == 0)
                AssertSame(new StateKey("item", $"{random.Next(20)}"));
        }

        Assert.All(Enumerable.Range(0, 20), id => AssertSame(new StateKey("item", $"{id}")));
    }

    [Fact]
    public void The_last_commit_decides_what_a_key_holds()
    {
        var key = new StateKey("item", "1");

        Commit(new Commit([Mutation.Put(key, new byte[] { 1 }), Mutation.Put(key, new byte[] { 2 })]));
        Commit(new Commit([Mutation.Delete(key)]));
        Commit(new Commit([Mutation.Put(key, new byte[] { 3 })]));

        Assert.Equal(new Sequence(3), _soon.Store.Find(key)!.Value.Version);
        AssertSame(key);
    }

    private static Mutation Change(Random random, int maxValueBytes)
    {
        var key = new StateKey("item", $"{random.Next(20)}");
        if (random.Next(4) == 0)
            return Mutation.Delete(key);
        var value = new byte[random.Next(maxValueBytes)];
        random.NextBytes(value);
        return Mutation.Put(key, value);
    }

    private void Commit(Commit commit)
    {
        var draft = CommitDraft.Of(commit);
        _soon.Reserve(draft.Encoded, draft.Entry, draft.Changes);
        _soon.ApplySoon(draft.Encoded, draft.Entry, draft.Changes, new Epoch(1));
        _atOnce.Apply(draft.Encoded, draft.Entry, draft.Changes, new Epoch(1));
    }

    private void AssertSame(StateKey key)
    {
        Assert.Equal(_atOnce.Store.Find(key)?.Version, _soon.Store.Find(key)?.Version);
        Assert.Equal(_atOnce.Store.Find(key)?.Value.ToArray(), _soon.Store.Find(key)?.Value.ToArray());
        Assert.Equal(
            (_atOnce.Sequence, _atOnce.Store.Digest, _atOnce.Store.Count, _atOnce.Store.Bytes),
            (_soon.Sequence, _soon.Store.Digest, _soon.Store.Count, _soon.Store.Bytes));
    }
}
