namespace Aether.Samples.World.Audit;

/// <summary>Result of comparing the state with the ledger.</summary>
/// <param name="Acknowledged">Trades in the ledger.</param>
/// <param name="Recovered">Trades in the state.</param>
/// <param name="Lost">Acknowledged trades that the state does not contain.</param>
/// <param name="Doubled">Trades that were applied more than once, or differently from their acknowledgement.</param>
/// <param name="SumHolds">Whether all gold and all items still exist.</param>
internal sealed record AuditReport(long Acknowledged, long Recovered, long Lost, long Doubled, bool SumHolds)
{
    /// <summary>Whether no problem was found.</summary>
    public bool Passed => Lost == 0 && Doubled == 0 && SumHolds;
}
