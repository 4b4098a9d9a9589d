using Aether.Persistence.State;

namespace Aether.Persistence.Tests.State;

public sealed class KeyIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(int.MaxValue)]
    public void Key_index_finds_every_key_that_was_added_and_not_removed(int hashes)
    {
        var random = new Random(hashes);
        var index = new KeyIndex();
        var expected = new Dictionary<int, uint>();

        for (var i = 0; i < 5_000; i++)
        {
            var entry = random.Next(300);
            if (expected.Remove(entry, out var hash))
                Assert.True(index.Remove(hash, entry));
            else
                index.Add(expected[entry] = (uint)random.Next(hashes) * 0x10001, entry);
        }

        Assert.Equal(expected.Count, index.Count);
        foreach (var same in expected.GroupBy(entry => entry.Value, entry => entry.Key))
            Assert.Equal(same.Order(), Find(index, same.Key).Order());
        Assert.Empty(Find(index, 0xFFFF_FFFF));
        Assert.False(index.Remove(0xFFFF_FFFF, 1));
    }

    private static List<int> Find(KeyIndex index, uint hash)
    {
        var found = new List<int>();
        for (var at = KeyIndex.Start(hash); index.TryNext(hash, ref at, out var entry);)
            found.Add(entry);
        return found;
    }
}
