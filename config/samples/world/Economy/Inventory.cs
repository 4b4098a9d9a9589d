namespace Aether.Samples.World.Economy;

/// <summary>The possessions of one player.</summary>
/// <param name="Gold">Coins.</param>
/// <param name="Items">Number of each item.</param>
internal sealed record Inventory(long Gold, int[] Items)
{
    /// <summary>The possessions of a new player.</summary>
    public static Inventory AtBirth() => new(1000, [20, 20, 20, 20]);

    /// <summary>This inventory after giving and taking; negative amounts take.</summary>
    public Inventory With(long gold, int item, int count)
    {
        var items = (int[])Items.Clone();
        items[item] += count;
        return new Inventory(Gold + gold, items);
    }
}
