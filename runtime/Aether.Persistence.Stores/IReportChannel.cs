namespace Aether.Persistence.Stores;

/// <summary>Where one agent reports to the operator. Only the last report of each agent is kept.</summary>
public interface IReportChannel
{
    /// <summary>Longest between two reports.</summary>
    TimeSpan Interval { get; }

    /// <summary>Sends a report; it is kept when the task completes.</summary>
    /// <exception cref="StoreUnavailableException">It was not kept; the next one makes up for it.</exception>
    Task SendAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken);
}
