namespace Aether.Operator.LiveStatus;

/// <summary>Reads agents' reports from one source into the <see cref="LatestReports"/>.</summary>
internal interface IReportReader
{
    /// <summary>Reads until the source fails or the read is cancelled.</summary>
    /// <param name="opened">Called once reports can be read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="Resolving.BackendException">The backend does not say how to reach the source.</exception>
    /// <exception cref="Provisioning.ProvisioningException">The source cannot be read.</exception>
    Task ReadAsync(Action opened, CancellationToken cancellationToken);
}
