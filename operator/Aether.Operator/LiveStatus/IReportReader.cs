namespace Aether.Operator.LiveStatus;

/// <summary>Reads what agents report by one source into the <see cref="LatestReports"/>.</summary>
internal interface IReportReader
{
    /// <summary>Reads until the source breaks off, or <paramref name="cancellationToken"/>.</summary>
    /// <param name="opened">Called once reports can be read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Resolving.BackendException">The backend does not say how to reach the source.</exception>
    /// <exception cref="Provisioning.ProvisioningException">The source cannot be read.</exception>
    Task ReadAsync(Action opened, CancellationToken cancellationToken);
}
