namespace Aether.DevCluster.Commands;

/// <summary>What one kill of a world and its agent did.</summary>
/// <param name="Acknowledged">Trades acknowledged when it came.</param>
/// <param name="Recovered">Trades in the state that the new pod's world started on.</param>
/// <param name="Lost">Acknowledged trades that were not in it.</param>
/// <param name="Doubled">Trades that were in it twice, or otherwise than they were acknowledged.</param>
/// <param name="SumHolds">Whether all gold and all items were there.</param>
/// <param name="Recovery">From the kill until the new world had its state.</param>
internal sealed record RoundResult(
    long Acknowledged, long Recovered, long Lost, long Doubled, bool SumHolds, TimeSpan Recovery)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool Passed => Lost == 0 && Doubled == 0 && SumHolds && Recovered >= Acknowledged;
}
