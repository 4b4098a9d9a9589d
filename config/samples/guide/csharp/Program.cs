using System.Globalization;
using System.Text;
using Aether.Client;

namespace Aether.Samples.Guide;

/// <summary>Ada earns coins, one by one, and keeps them: <c>guide-world COINS</c>.</summary>
internal static class Program
{
    private static readonly WorldKey Purse = new("purse", "ada");

    private static async Task Main(string[] arguments)
    {
        var toEarn = int.Parse(arguments[0], CultureInfo.InvariantCulture);

        // Open: waits until the agent, which listens at $AETHER_SOCKET, has recovered the whole state.
        await using var world = await AetherWorld.ConnectAsync();

        var found = await world.GetAsync(Purse);
        var coins = found is null ? 0 : Read(found);
        var version = found?.Version ?? await CommitAsync(world, "ada-founded", coins, expectedVersion: 0);
        await SayAsync($"{(found is null ? "founded" : "recovered")} coins={coins}");

        for (var earned = 0; earned < toEarn; earned++)
        {
            coins++;
            version = await CommitAsync(world, $"ada-coin-{coins}", coins, version);
            await SayAsync($"earned coins={coins}");
        }

        // Confirmed: reads only values that are synced to the volume, whatever level they were written at.
        var kept = await world.GetAsync(Purse, confirmed: true)
            ?? throw new InvalidOperationException("Ada's purse is gone.");
        await SayAsync($"confirmed coins={Read(kept)} version={kept.Version}");
    }

    // The idempotency key makes the commit safe to send again, so the client does that for a minute when the agent
    // restarts. The expected version, 0 for a key that must not exist, refuses it if another writer was here before.
    private static async Task<ulong> CommitAsync(AetherWorld world, string key, int coins, ulong expectedVersion)
    {
        var value = Encoding.UTF8.GetBytes(coins.ToString(CultureInfo.InvariantCulture));
        var committed = await world.CommitAsync(
            new WorldCommit(key) { Durability = WorldDurability.Fsync }.Put(Purse, value, expectedVersion));
        return committed.Sequence;
    }

    private static int Read(WorldEntry purse) =>
        int.Parse(Encoding.UTF8.GetString(purse.Value.Span), CultureInfo.InvariantCulture);

    private static Task SayAsync(string line) => Console.Out.WriteLineAsync(line);
}
