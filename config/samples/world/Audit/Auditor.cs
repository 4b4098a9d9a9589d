using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Audit;

/// <summary>Compares a recovered state with the acknowledged trades.</summary>
internal static class Auditor
{
    /// <param name="state">The state.</param>
    /// <param name="acknowledged">The ledger from before the state was read: all of it must be in the state.</param>
    /// <param name="ledger">
    /// The ledger from afterwards, which may contain the trades that the state has beyond it.
    /// </param>
    public static AuditReport Audit(
        EconomyState state, IReadOnlyList<LedgerEntry> acknowledged, IReadOnlyList<LedgerEntry> ledger)
    {
        var lost = acknowledged.GroupBy(entry => entry.Lane)
            .Sum(lane => Math.Max(0, lane.Max(entry => entry.Serial) - Record(state, lane.Key).Value.Serial));
        var sequences = new Dictionary<(int Lane, long Serial), LedgerEntry>();
        var doubled = ledger.Distinct().LongCount(entry => !sequences.TryAdd((entry.Lane, entry.Serial), entry));
        doubled += sequences.Count - sequences.Values.Select(entry => entry.Sequence).Distinct().LongCount();
        doubled += sequences.Values.LongCount(entry => !Follows(entry, sequences));
        doubled += state.Lanes.LongCount(lane => !IsAsAcknowledged(lane.Key, lane.Value, sequences));

        var known = acknowledged.Distinct().LongCount();
        return new AuditReport(known, state.Trades, lost, doubled, state.SumHolds);
    }

    private static Versioned<LaneRecord> Record(EconomyState state, int lane) =>
        state.Lanes.GetValueOrDefault(lane) ?? new(LaneRecord.None, 0);

    private static bool Follows(LedgerEntry entry, Dictionary<(int Lane, long Serial), LedgerEntry> ledger) =>
        !ledger.TryGetValue((entry.Lane, entry.Serial - 1), out var former)
        || entry.Chain == LaneRecord.Link(former.Chain, former.Serial, former.Sequence);

    private static bool IsAsAcknowledged(
        int lane, Versioned<LaneRecord> record, Dictionary<(int Lane, long Serial), LedgerEntry> ledger)
    {
        var entry = LedgerEntry.Of(lane, record);
        if (record.Value.Trades != record.Value.Serial)
            return false;
        return ledger.TryGetValue((lane, entry.Serial), out var known) ? known == entry : Follows(entry, ledger);
    }
}
