namespace Aether.Persistence.Recovery;

/// <summary>
/// The world's record of tails that were kept aside because another writer had overtaken them: what those who run the
/// world are told from, also when the agent that found one is gone.
/// </summary>
public interface IDivergenceLog
{
    /// <summary>Records a tail; recording the same tail again changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    Task RecordAsync(DivergedTail tail, CancellationToken cancellationToken);
}
