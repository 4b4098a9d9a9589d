namespace Aether.Samples.World.Audit;

/// <summary>What comparing the state with the ledger brought to light.</summary>
/// <param name="Acknowledged">Trades the ledger knows of.</param>
/// <param name="Recovered">Trades the state contains.</param>
/// <param name="Lost">Acknowledged trades the state does not contain.</param>
/// <param name="Doubled">Trades applied more than once, or otherwise than they were acknowledged.</param>
/// <param name="SumHolds">Whether all gold and all items are still there.</param>
internal sealed record AuditReport(long Acknowledged, long Recovered, long Lost, long Doubled, bool SumHolds)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool Passed => Lost == 0 && Doubled == 0 && SumHolds;
}
