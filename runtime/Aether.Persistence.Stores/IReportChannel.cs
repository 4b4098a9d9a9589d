namespace Aether.Persistence.Stores;

/// <summary>
/// The channel by which an agent reports to the operator. Only the last report of each agent is kept.
/// </summary>
public interface IReportChannel
{
    /// <summary>Longest time between two reports.</summary>
    TimeSpan Interval { get; }

    /// <summary>Sends a report; it is stored when the task completes.</summary>
    /// <exception cref="StoreUnavailableException">
    /// The report was not stored; the next one replaces it anyway.
    /// </exception>
    Task SendAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken);
}
