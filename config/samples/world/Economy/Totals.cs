namespace Aether.Samples.World.Economy;

/// <summary>What the world was founded with; no trade changes it.</summary>
/// <param name="Players">How many players.</param>
/// <param name="Gold">Coins of all players.</param>
/// <param name="Items">Of each item, how many all players have.</param>
internal sealed record Totals(int Players, long Gold, long[] Items)
{
    /// <summary>What the inventories add up to.</summary>
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

    /// <summary>Whether both say the same.</summary>
    public bool Matches(Totals other) =>
        Players == other.Players && Gold == other.Gold && Items.AsSpan().SequenceEqual(other.Items);
}
