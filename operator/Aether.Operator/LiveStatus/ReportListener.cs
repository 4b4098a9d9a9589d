using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Reconciling;
using NATS.Client.Core;

namespace Aether.Operator.LiveStatus;

/// <summary>Hears what the agents of one backend's worlds report, and begins anew when that breaks off.</summary>
internal sealed partial class ReportListener(
    string backend,
    BackendResolver backends,
    ReportBook book,
    StoreCircuits circuits,
    TimeSpan checkInterval,
    TimeProvider clock,
    ILogger<ReportListener> logger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private volatile TaskCompletionSource _refresh = NewSignal();
    private TimeSpan _pause = ShortestPause;
    private string? _problem;

    /// <summary>The backend, or a Secret it names, is another: connect anew.</summary>
    public void Refresh() => _refresh.TrySetResult();

    /// <summary>Listens until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var refresh = _refresh = NewSignal();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var listening = TryListenAsync(either.Token);
            if (await Task.WhenAny(listening, refresh.Task) == listening)
                await Task.WhenAny(Task.Delay(_pause, clock, either.Token), refresh.Task);
            await either.CancelAsync();
            await listening;
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private async Task TryListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            var access = await backends.ResolveNatsAsync(backend, cancellationToken);
            await circuits.UseAsync(
                NatsProvisioner.PlaceOf(access),
                () => NatsProvisioner.CheckAsync(access, cancellationToken),
                () => ListenAsync(access, cancellationToken),
                cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop, or to begin anew.
        }
        catch (Exception exception) when (exception is BackendException or ProvisioningException)
        {
            Lost(exception.Message);
        }
        catch (Exception exception)
        {
            // As a pass that fails: it is tried again, and the status says meanwhile that it is not live.
            LogFailed(exception, backend);
            book.Lost(backend, exception.Message);
        }
    }

    private async Task<bool> ListenAsync(NatsAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await HearAsync(access, cancellationToken);
            return true;
        }
        catch (Exception exception) when (NatsFailures.IsExpected(exception))
        {
            throw NatsFailures.Translate(exception, access);
        }
    }

    // Left alone, the client would go on without a word where the connection is cut, or the stream is gone.
    private async Task HearAsync(NatsAccess access, CancellationToken cancellationToken)
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
        Opened();

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(stream, kept, end.Token);
        var checking = CheckAsync(stream, end.Token);
        var first = await Task.WhenAny(reading, checking, cut.Task);
        await end.CancelAsync();
        await Task.WhenAll(reading, checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
        if (first == cut.Task)
            throw new NatsException("the connection was cut");
    }

    // What was kept says when it was said; what comes now is said now, whatever the clock of NATS.
    private async Task ReadAsync(ReportStream stream, ulong kept, CancellationToken cancellationToken)
    {
        await foreach (var message in stream.ReadAsync(cancellationToken))
        {
            var now = clock.GetUtcNow();
            var heardAt = message.Metadata is { } about && about.Sequence.Stream <= kept && about.Timestamp < now
                ? about.Timestamp
                : now;
            book.Take(backend, message.Subject, message.Data.Span, heardAt);
        }
    }

    // Ends when the stream had to be made anew, for which the reader has to begin anew as well.
    private async Task CheckAsync(ReportStream stream, CancellationToken cancellationToken)
    {
        do
            await Task.Delay(checkInterval, clock, cancellationToken);
        while (!(await stream.EnsureAsync(cancellationToken)).IsNew);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Opened()
    {
        book.Opened(backend);
        (_pause, _problem) = (ShortestPause, null);
        LogOpened(backend);
    }

    private void Lost(string problem)
    {
        book.Lost(backend, problem);
        if (_problem != problem)
            LogLost(backend, problem);
        _problem = problem;
    }

    [LoggerMessage(5201, LogLevel.Information, "Listening to the agents of backend {Backend}")]
    private partial void LogOpened(string backend);

    [LoggerMessage(5202, LogLevel.Warning, "What agents of backend {Backend} report is not heard: {Problem}")]
    private partial void LogLost(string backend, string problem);

    [LoggerMessage(5203, LogLevel.Error, "Listening to the agents of backend {Backend} failed; trying again")]
    private partial void LogFailed(Exception exception, string backend);
}
