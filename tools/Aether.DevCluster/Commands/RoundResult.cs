namespace Aether.DevCluster.Commands;

/// <summary>Result of killing a world and its agent once.</summary>
/// <param name="Acknowledged">Number of acknowledged trades at the kill.</param>
/// <param name="Recovered">Number of trades in the state from which the new pod's world started.</param>
/// <param name="Lost">Number of acknowledged trades missing from it.</param>
/// <param name="Doubled">Number of trades that are in it twice, or differently from their acknowledgement.</param>
/// <param name="SumHolds">Whether all gold and all items still exist.</param>
/// <param name="Recovery">Time from the kill until the new world had its state.</param>
internal sealed record RoundResult(
    long Acknowledged, long Recovered, long Lost, long Doubled, bool SumHolds, TimeSpan Recovery)
{
    /// <summary>Whether no problem was found.</summary>
    public bool Passed => Lost == 0 && Doubled == 0 && SumHolds && Recovered >= Acknowledged;
}
