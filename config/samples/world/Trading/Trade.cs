using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Trading;

/// <summary>The two inventories after the trade, and their versions before it.</summary>
internal sealed record Trade(
    int Seller, Inventory SellerAfter, ulong SellerVersion, int Buyer, Inventory BuyerAfter, ulong BuyerVersion);
