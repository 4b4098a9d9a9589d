namespace Aether.Samples.World.Economy;

/// <summary>Totals of the founding; no trade changes them.</summary>
/// <param name="Players">Number of players.</param>
/// <param name="Gold">Coins of all players.</param>
/// <param name="Items">Number of each item that all players have.</param>
internal sealed record Totals(int Players, long Gold, long[] Items)
{
    /// <summary>The totals of some inventories.</summary>
    public static Totals Of(IReadOnlyCollection<Inventory> inventories)
    {
        var items = new long[Inventory.AtBirth().Items.Length];
        foreach (var inventory in inventories)
        {
            for (var i = 0; i < items.Length; i++)
                items[i] += inventory.Items[i];
        }

        return new Totals(inventories.Count, inventories.Sum(inventory => inventory.Gold), items);
    }

    /// <summary>Whether both are equal.</summary>
    public bool Matches(Totals other) =>
        Players == other.Players && Gold == other.Gold && Items.AsSpan().SequenceEqual(other.Items);
}
