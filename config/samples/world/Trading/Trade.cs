using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Trading;

/// <summary>Two inventories as they will be, and the versions they have.</summary>
internal sealed record Trade(
    int Seller, Inventory SellerAfter, ulong SellerVersion, int Buyer, Inventory BuyerAfter, ulong BuyerVersion);
