using System.Globalization;
using System.Text.Json;
using Aether.Client;
using Aether.Samples.World.Audit;
using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Trading;

/// <summary>Makes one trade after the other, each after the one before is acknowledged.</summary>
internal sealed class TradingLane(
    int lane,
    Versioned<LaneRecord>? last,
    Market market,
    WorldCommitStream commits,
    WorldDurability durability,
    Ledger? ledger)
{
    private Versioned<LaneRecord> _last = last ?? new(LaneRecord.None, 0);

    /// <summary>
    /// Makes one trade, which is acknowledged and in the ledger when the task completes. Returns its sequence.
    /// </summary>
    public async Task<ulong> TradeAsync()
    {
        var trade = market.Open();
        var record = _last.Value.Next(_last.Version);
        var answer = await commits.CommitAsync(Write(trade, record), CancellationToken.None);

        _last = new(record, answer.Sequence);
        ledger?.Add(LedgerEntry.Of(lane, _last));
        market.Close(trade, answer.Sequence);
        return answer.Sequence;
    }

    // The key identifies the trade, not the attempt: if it is sent again after an outage, it is applied only once.
    private WorldCommit Write(Trade trade, LaneRecord record) =>
        new WorldCommit(string.Create(CultureInfo.InvariantCulture, $"{lane}-{record.Serial}"))
        {
            Durability = durability,
        }
            .Put(EconomyState.PlayerKey(trade.Seller), Json(trade.SellerAfter), trade.SellerVersion)
            .Put(EconomyState.PlayerKey(trade.Buyer), Json(trade.BuyerAfter), trade.BuyerVersion)
            .Put(
                EconomyState.LaneKey(lane),
                JsonSerializer.SerializeToUtf8Bytes(record, EconomyJson.Default.LaneRecord),
                _last.Version);

    private static byte[] Json(Inventory inventory) =>
        JsonSerializer.SerializeToUtf8Bytes(inventory, EconomyJson.Default.Inventory);
}
