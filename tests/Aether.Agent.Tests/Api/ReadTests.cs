using System.Text;
using Aether.Agent.Tests.Support;
using Aether.Client;

namespace Aether.Agent.Tests.Api;

public sealed class ReadTests : LocalAgentTests
{
    [Fact]
    public async Task A_scan_yields_one_kind_with_a_prefix_ordered_by_id()
    {
        await Client.CommitAsync(
            new WorldCommit().Put(new("npc", "b2"), Bytes("2")).Put(new("npc", "b10"), Bytes("10"))
                .Put(new("npc", "a"), Bytes("a")).Put(new("player", "b1"), Bytes("p")),
            Cancellation);

        var found = await Client.ScanAsync("npc", "b", Cancellation).ToListAsync(Cancellation);

        Assert.Equal(["b10", "b2"], found.Select(entry => entry.Key.Id));
        Assert.Equal("10", Encoding.UTF8.GetString(found[0].Value.Span));
    }

    [Fact]
    public async Task Recovery_returns_the_whole_state_as_of_one_sequence()
    {
        for (var i = 0; i < 300; i++)
            await Client.CommitAsync(new WorldCommit().Put(new($"kind-{i % 3}", $"{i}"), Bytes($"{i}")), Cancellation);

        var state = await Client.RecoverAsync(Cancellation);
        var entries = await state.Entries.ToListAsync(Cancellation);

        Assert.Equal((300UL, 300UL, 1UL), (state.Sequence, state.Keys, state.Epoch));
        Assert.Equal(300, entries.Count);
        Assert.Equal(
            entries.Select(entry => entry.Key.ToString()),
            entries.OrderBy(entry => entry.Key.Kind, StringComparer.Ordinal)
                .ThenBy(entry => entry.Key.Id, StringComparer.Ordinal).Select(entry => entry.Key.ToString()));
        Assert.All(entries, entry => Assert.Equal(entry.Key.Id, Encoding.UTF8.GetString(entry.Value.Span)));
    }

    [Fact]
    public async Task A_confirmed_read_sees_what_was_only_batched()
    {
        await Client.CommitAsync(
            new WorldCommit { Durability = WorldDurability.Memory }.Put(new("k", "1"), Bytes("x")),
            Cancellation);

        var read = await Client.GetAsync(new("k", "1"), confirmed: true, Cancellation);
        var status = await Client.StatusAsync(Cancellation);

        Assert.Equal(1UL, read?.Version);
        Assert.InRange(status.DurableSequence, 1UL, 1UL);
    }

    [Fact]
    public async Task Missing_key_reads_as_null()
    {
        Assert.Null(await Client.GetAsync(new("k", "1"), confirmed: false, Cancellation));
    }

    [Fact]
    public async Task A_snapshot_on_demand_is_of_the_present_sequence()
    {
        await Client.CommitAsync(new WorldCommit().Put(new("k", "1"), Bytes("x")), Cancellation);

        var snapshot = await Client.SnapshotAsync(Cancellation);
        var status = await Client.StatusAsync(Cancellation);

        Assert.Equal((1UL, 1UL), (snapshot.Sequence, snapshot.Keys));
        Assert.Equal(snapshot.StateDigest, status.StateDigest);
        Assert.Equal(1UL, status.LastSnapshotSequence);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
