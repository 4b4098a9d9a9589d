using Aether.Persistence.Commits;
using Aether.Persistence.State;

namespace Aether.Persistence.Tests.State;

/// <summary>Compares the state store with a dictionary of arrays, the plainest implementation.</summary>
public sealed class StateStoreTests
{
    private readonly StateStore _store = new();
    private readonly Dictionary<StateKey, (byte[] Value, ulong Version)> _expected = [];
    private ulong _version;

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 5_000)]
    [InlineData(3, 60_000)]
    public void Store_holds_the_last_value_of_each_key_and_a_capture_those_of_its_time(int seed, int maxValueBytes)
    {
        var random = new Random(seed);
        var captures = new List<(StateImage Image, List<(StateKey, string, ulong)> Expected)>();

        for (var i = 0; i < 20_000; i++)
        {
            var key = new StateKey($"kind{random.Next(3)}", $"{random.Next(200)}");
            if (random.Next(5) == 0)
                Remove(key);
            else
                Put(key, RandomBytes(random, random.Next(2) * random.Next(maxValueBytes) + 8));
            if (random.Next(2_000) == 0)
                captures.Add((_store.Copy(), Sorted()));
        }

        captures.Add((_store.Copy(), Sorted()));
        Assert.All(captures, capture => Assert.Equal(capture.Expected, capture.Image.Order().Select(Describe)));
        Assert.All(captures, capture => Assert.Equal(capture.Expected.Count, capture.Image.Count));
        Assert.All(_expected, entry => Assert.Equal(entry.Value.Value, _store.Find(entry.Key)!.Value.Value));
        Assert.Equal(_expected.Count, _store.Count);
        Assert.Equal(_expected.Sum(entry => entry.Key.Kind.Length + entry.Key.Id.Length + entry.Value.Value.Length),
            _store.Bytes);
        Assert.Equal(DigestOfExpected(), _store.Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_does_not_grow_however_often_keys_are_overwritten(bool captured)
    {
        var random = new Random(1);

        for (var i = 0; i < 300_000; i++)
        {
            Put(new StateKey("item", $"{random.Next(2_000)}"), RandomBytes(random, random.Next(500)));
            if (captured && i % 10_000 == 0)
                _store.Copy();
            Assert.True(_store.HeapBytes <= (3 * _store.Bytes) + (1 << 20), $"{_store.HeapBytes} after {i}");
        }
    }

    [Fact]
    public void Memory_is_freed_with_the_keys()
    {
        for (var i = 0; i < 20_000; i++)
            Put(new StateKey("item", $"{i}"), new byte[i % 1_000]);
        var full = _store.HeapBytes;

        for (var i = 0; i < 20_000; i++)
            Remove(new StateKey("item", $"{i}"));

        Assert.True(full > 10_000_000);
        Assert.InRange(_store.HeapBytes, 0, 1 << 20);
        Assert.Equal((0, 0L, StateDigest.Empty), (_store.Count, _store.Bytes, _store.Digest));
    }

    [Fact]
    public void Value_that_was_read_does_not_change_with_the_key()
    {
        var key = new StateKey("item", "1");
        Put(key, [1, 2, 3]);
        var before = _store.Find(key)!.Value;

        Put(key, [4, 5, 6]);

        Assert.Equal([1, 2, 3], before.Value.ToArray());
        Assert.Equal([4, 5, 6], _store.Find(key)!.Value.Value.ToArray());
    }

    [Theory]
    [InlineData("item", "")]
    [InlineData("", "1")]
    [InlineData("item1", "1")]
    [InlineData("ite", "m1")]
    [InlineData("item", "\ud800")]
    public void Similar_keys_are_distinct(string kind, string id)
    {
        Put(new StateKey("item", "1"), [1]);

        Assert.Null(_store.Find(new StateKey(kind, id)));
        Assert.Null(_store.Find(new StateKey(kind, new string('1', 100_000))));
    }

    private static (StateKey Key, string Value, ulong Version) Describe(StateEntry entry) =>
        (entry.Key, Convert.ToHexString(entry.Value.Value.Span), entry.Value.Version.Value);

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private List<(StateKey, string, ulong)> Sorted() =>
    [
        .. _expected
            .OrderBy(entry => entry.Key.Kind, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Id, StringComparer.Ordinal)
            .Select(entry => (entry.Key, Convert.ToHexString(entry.Value.Value), entry.Value.Version)),
    ];

    private StateDigest DigestOfExpected()
    {
        var store = new StateStore();
        foreach (var (key, (value, version)) in _expected)
            Apply(store, Mutation.Put(key, value), version);
        return store.Digest;
    }

    private void Put(StateKey key, byte[] value)
    {
        Apply(_store, Mutation.Put(key, value), ++_version);
        _expected[key] = (value, _version);
    }

    private void Remove(StateKey key)
    {
        Apply(_store, Mutation.Delete(key), ++_version);
        _expected.Remove(key);
    }

    private static void Apply(StateStore store, Mutation mutation, ulong version)
    {
        var draft = CommitDraft.Of(new Commit([mutation]));
        store.Apply(draft.Encoded, draft.Changes[0], new Sequence(version));
    }
}
