using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Trading;

/// <summary>
/// The inventories as last acknowledged, and the players that are trading. A player takes part in one trade at a time,
/// so the versions that a trade expects are known.
/// </summary>
internal sealed class Market(SortedDictionary<int, Versioned<Inventory>> players, Random random)
{
    // Guards the fields below and the random source.
    private readonly Lock _lock = new();
    private readonly Versioned<Inventory>[] _inventories = [.. players.Values];
    private readonly HashSet<int> _trading = [];

    /// <summary>Picks two players that are not trading, and an item that the first can sell to the second.</summary>
    public Trade Open()
    {
        lock (_lock)
        {
            var seller = PickIdle();
            var buyer = PickIdle();
            var item = random.Next(_inventories[seller].Value.Items.Length);
            var count = Math.Min(random.Next(1, 4), _inventories[seller].Value.Items[item]);
            var price = Math.Min(count * random.Next(1, 10), _inventories[buyer].Value.Gold);
            return new Trade(
                seller, _inventories[seller].Value.With(price, item, -count), _inventories[seller].Version,
                buyer, _inventories[buyer].Value.With(-price, item, count), _inventories[buyer].Version);
        }
    }

    /// <summary>Records that the trade was acknowledged as <paramref name="sequence"/>.</summary>
    public void Close(Trade trade, ulong sequence)
    {
        lock (_lock)
        {
            _inventories[trade.Seller] = new(trade.SellerAfter, sequence);
            _inventories[trade.Buyer] = new(trade.BuyerAfter, sequence);
            _trading.Remove(trade.Seller);
            _trading.Remove(trade.Buyer);
        }
    }

    private int PickIdle()
    {
        int player;
        do
            player = random.Next(_inventories.Length);
        while (!_trading.Add(player));
        return player;
    }
}
