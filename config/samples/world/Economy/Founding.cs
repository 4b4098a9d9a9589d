using System.Globalization;
using System.Text.Json;
using Aether.Client;

namespace Aether.Samples.World.Economy;

/// <summary>
/// Gives an empty world its players. The totals are written last: an interrupted founding is repeated, which is safe
/// because no lane trades before the totals exist.
/// </summary>
internal static class Founding
{
    private const int PlayersPerCommit = 1000;

    public static async Task FoundAsync(AetherWorld world, int players, CancellationToken cancellationToken)
    {
        var birth = JsonSerializer.SerializeToUtf8Bytes(Inventory.AtBirth(), EconomyJson.Default.Inventory);
        foreach (var chunk in Enumerable.Range(0, players).Chunk(PlayersPerCommit))
        {
            var commit = new WorldCommit(string.Create(CultureInfo.InvariantCulture, $"found-{players}-{chunk[0]}"));
            foreach (var player in chunk)
                commit.Put(EconomyState.PlayerKey(player), birth);
            await world.CommitAsync(commit, cancellationToken);
        }

        var totals = Totals.Of([.. Enumerable.Repeat(Inventory.AtBirth(), players)]);
        var last = new WorldCommit(string.Create(CultureInfo.InvariantCulture, $"found-{players}-totals"))
            .Put(EconomyState.TotalsKey, JsonSerializer.SerializeToUtf8Bytes(totals, EconomyJson.Default.Totals));
        await world.CommitAsync(last, cancellationToken);
    }
}
