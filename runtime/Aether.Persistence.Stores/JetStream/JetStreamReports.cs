using Aether.Persistence.Contracts;
using NATS.Client.Core;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>Where one agent reports to the operator: a stream that keeps the last report of each.</summary>
public sealed class JetStreamReports(NatsWorld world, string pod)
{
    private readonly string _subject = WorldNames.ReportSubject(world.SubjectPrefix, pod);

    /// <summary>Sends a report; it is kept when the task completes.</summary>
    /// <exception cref="StoreUnavailableException">It was not kept; the next one makes up for it.</exception>
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
