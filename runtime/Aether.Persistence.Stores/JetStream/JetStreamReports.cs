using Aether.Persistence.Contracts;
using NATS.Client.Core;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Sends an agent's reports to the operator: to a stream that keeps the last report of each agent.</summary>
public sealed class JetStreamReports(NatsWorld world, string pod) : IReportChannel
{
    private readonly string _subject = WorldNames.ReportSubject(world.SubjectPrefix, pod);

    /// <inheritdoc />
    public TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public async Task SendAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken)
    {
        var answer = await world.RunAsync(
            AetherNames.ReportStream,
            token => world.JetStream.PublishAsync(
                _subject, report, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: token),
            cancellationToken);
        if (answer.Error is { } error)
        {
            throw new StoreUnavailableException(
                NatsFailures.Store, $"{error.Description} (code {error.ErrCode}, {AetherNames.ReportStream})");
        }
    }
}
