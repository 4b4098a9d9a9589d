using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Resolving;
using NATS.Client.Core;

namespace Aether.Operator.LiveStatus;

/// <summary>Receives agents' reports from the report stream of a backend's NATS.</summary>
internal sealed class NatsReportReader(
    string backend,
    BackendResolver backends,
    LatestReports latest,
    StoreCircuits circuits,
    NatsConnections connections,
    TimeSpan checkInterval,
    TimeProvider clock) : IReportReader
{
    private readonly ReportSource _source = new(backend, ReportChannel.Nats);

    public async Task ReadAsync(Action opened, CancellationToken cancellationToken)
    {
        var access = await backends.ResolveNatsAsync(backend, cancellationToken);
        await circuits.UseAsync(
            NatsProvisioner.PlaceOf(access),
            () => NatsProvisioner.CheckAsync(connections, access, cancellationToken),
            () => ListenAsync(access, opened, cancellationToken),
            cancellationToken);
    }

    private async Task<bool> ListenAsync(NatsAccess access, Action opened, CancellationToken cancellationToken)
    {
        try
        {
            await ReceiveAsync(access, opened, cancellationToken);
            return true;
        }
        catch (Exception exception) when (NatsFailures.IsExpected(exception))
        {
            throw NatsFailures.Translate(exception, access);
        }
    }

    // End on a cut connection or a deleted stream: the client would otherwise wait on without an error.
    private async Task ReceiveAsync(NatsAccess access, Action opened, CancellationToken cancellationToken)
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = new NatsConnection(NatsAdmin.Options(access));
        connection.ConnectionDisconnected += (_, _) =>
        {
            cut.TrySetResult();
            return ValueTask.CompletedTask;
        };
        await connection.ConnectAsync();
        var stream = new ReportStream(connection, access);
        var (kept, _) = await stream.EnsureAsync(cancellationToken);
        opened();

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReceiveAsync(stream, kept, end.Token);
        var checking = CheckAsync(stream, end.Token);
        var first = await Task.WhenAny(reading, checking, cut.Task);
        await end.CancelAsync();
        await Task.WhenAll(reading, checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        if (first == cut.Task)
            throw new NatsException("the connection was cut");
    }

    // A stored report counts from the time NATS received it. A new one counts from now, whatever NATS' clock says.
    private async Task ReceiveAsync(ReportStream stream, ulong kept, CancellationToken cancellationToken)
    {
        await foreach (var message in stream.ReadAsync(cancellationToken))
        {
            var now = clock.GetUtcNow();
            var receivedAt = message.Metadata is { } about && about.Sequence.Stream <= kept && about.Timestamp < now
                ? about.Timestamp
                : now;
            latest.Take(_source, message.Subject, message.Data.Span, receivedAt);
        }
    }

    // Ends when the stream was recreated: the reader must then open it again.
    private async Task CheckAsync(ReportStream stream, CancellationToken cancellationToken)
    {
        do
            await Task.Delay(checkInterval, clock, cancellationToken);
        while (!(await stream.EnsureAsync(cancellationToken)).IsNew);
    }
}
