namespace Aether.Persistence.Recovery;

/// <summary>
/// The world's record of tails that were set aside because another writer had continued without them. Operators learn
/// of a tail from this record even after the agent that found it is gone.
/// </summary>
public interface IDivergenceLog
{
    /// <summary>Records a tail; recording it again changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    Task RecordAsync(DivergedTail tail, CancellationToken cancellationToken);
}
