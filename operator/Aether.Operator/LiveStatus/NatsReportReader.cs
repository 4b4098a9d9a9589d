using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Resolving;
using NATS.Client.Core;

namespace Aether.Operator.LiveStatus;

/// <summary>Hears what agents report on the stream of a backend's NATS.</summary>
internal sealed class NatsReportReader(
    string backend,
    BackendResolver backends,
    LatestReports latest,
    StoreCircuits circuits,
    TimeSpan checkInterval,
    TimeProvider clock) : IReportReader
{
    private readonly ReportSource _source = new(backend, ReportChannel.Nats);

    public async Task ReadAsync(Action opened, CancellationToken cancellationToken)
    {
        var access = await backends.ResolveNatsAsync(backend, cancellationToken);
        await circuits.UseAsync(
            NatsProvisioner.PlaceOf(access),
            () => NatsProvisioner.CheckAsync(access, cancellationToken),
            () => ListenAsync(access, opened, cancellationToken),
            cancellationToken);
    }

    private async Task<bool> ListenAsync(NatsAccess access, Action opened, CancellationToken cancellationToken)
    {
        try
        {
            await HearAsync(access, opened, cancellationToken);
            return true;
        }
        catch (Exception exception) when (NatsFailures.IsExpected(exception))
        {
            throw NatsFailures.Translate(exception, access);
        }
    }

    // Left alone, the client would go on without a word where the connection is cut, or the stream is gone.
    private async Task HearAsync(NatsAccess access, Action opened, CancellationToken cancellationToken)
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
        var reading = HearAsync(stream, kept, end.Token);
        var checking = CheckAsync(stream, end.Token);
        var first = await Task.WhenAny(reading, checking, cut.Task);
        await end.CancelAsync();
        await Task.WhenAll(reading, checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        if (first == cut.Task)
            throw new NatsException("the connection was cut");
    }

    // What was kept says when it was said; what comes now is said now, whatever the clock of NATS.
    private async Task HearAsync(ReportStream stream, ulong kept, CancellationToken cancellationToken)
    {
        await foreach (var message in stream.ReadAsync(cancellationToken))
        {
            var now = clock.GetUtcNow();
            var heardAt = message.Metadata is { } about && about.Sequence.Stream <= kept && about.Timestamp < now
                ? about.Timestamp
                : now;
            latest.Take(_source, message.Subject, message.Data.Span, heardAt);
        }
    }

    // Ends when the stream had to be recreated: the reader must open it again.
    private async Task CheckAsync(ReportStream stream, CancellationToken cancellationToken)
    {
        do
            await Task.Delay(checkInterval, clock, cancellationToken);
        while (!(await stream.EnsureAsync(cancellationToken)).IsNew);
    }
}
