namespace Aether.Samples.World.Economy;

/// <summary>What one player owns.</summary>
/// <param name="Gold">Coins.</param>
/// <param name="Items">How many of each item.</param>
internal sealed record Inventory(long Gold, int[] Items)
{
    /// <summary>What every player starts with.</summary>
    public static Inventory AtBirth() => new(1000, [20, 20, 20, 20]);

    /// <summary>This inventory after giving and taking; negative amounts take.</summary>
    public Inventory With(long gold, int item, int count)
    {
        var items = (int[])Items.Clone();
        items[item] += count;
        return new Inventory(Gold + gold, items);
    }
}
