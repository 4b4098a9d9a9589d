using System.Text;
using Aether.Persistence.State;

namespace Aether.Persistence.Tests.State;

public sealed class IdempotencyTableTests
{
    private const int MaxKeys = 50;
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private readonly IdempotencyTable _table = new(MaxKeys, MaxAge);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 60)]
    public void Idempotency_table_remembers_the_latest_keys_that_are_young_enough(int seed, int maxSecondsBetween)
    {
        var random = new Random(seed);
        var added = new List<(string Key, ulong Sequence, DateTimeOffset At)>();
        var now = Begin;

        for (ulong sequence = 1; sequence <= 3_000; sequence++)
        {
            now += TimeSpan.FromSeconds(random.Next(maxSecondsBetween));
            var key = $"{new string('k', random.Next(120))}-{sequence}";
            Add(key, sequence, now);
            added.Add((key, sequence, now));

            var expected = added.TakeLast(MaxKeys).Where(entry => now - entry.At <= MaxAge).ToList();
            Assert.Equal(
                expected.Select(entry => (entry.Key, entry.Sequence)),
                _table.Copy().Select(entry => (Encoding.UTF8.GetString(entry.Key.Span), entry.Sequence.Value)));
            var forgotten = added.SkipLast(expected.Count).LastOrDefault().Sequence;
            Assert.Equal(new Sequence(forgotten), _table.Forgotten.Sequence);
            if (random.Next(3) > 0)
                continue;
            var sought = added[random.Next(added.Count)];
            Assert.Equal(expected.Contains(sought) ? sought.Sequence : null, Find(sought.Key, now));
        }
    }

    [Fact]
    public void A_key_used_again_has_the_result_of_its_last_use()
    {
        Add("a", 1, Begin);
        Add("b", 2, Begin);
        Add("a", 3, Begin);

        Assert.Equal(3UL, Find("a", Begin));
        Assert.Equal(2UL, Find("b", Begin));
        for (ulong sequence = 4; sequence < 4 + MaxKeys - 1; sequence++)
            Add($"{sequence}", sequence, Begin);
        Assert.Equal((null, 3UL), (Find("b", Begin), Find("a", Begin)));
    }

    [Fact]
    public void Copy_of_the_table_does_not_change_with_the_table()
    {
        Add("first", 1, Begin);
        var copy = _table.Copy();

        for (ulong sequence = 2; sequence < 1_000; sequence++)
            Add($"later{sequence}", sequence, Begin);

        Assert.Equal("first"u8, Assert.Single(copy).Key.Span);
    }

    private void Add(string key, ulong sequence, DateTimeOffset at)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        _table.Add(bytes, EncodedKey.Hash(bytes), sequence, new Sequence(sequence), new Epoch(1), at);
    }

    private ulong? Find(string key, DateTimeOffset now)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        return _table.Find(bytes, EncodedKey.Hash(bytes), now)?.Sequence.Value;
    }
}
