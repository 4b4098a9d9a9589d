namespace Aether.Operator.Provisioning;

/// <summary>
/// Remembers which stores are unreachable and which credentials are refused. One reconcile at a time probes such a
/// store, with growing pauses. All others fail at once with the last probe's failure, so that an unreachable store
/// delays no other reconcile, and a wrong password locks no account.
/// </summary>
internal sealed partial class StoreCircuits(OperatorOptions options, TimeProvider clock, ILogger<StoreCircuits> log)
{
    /// <summary>The end of every message about refused credentials.</summary>
    public const string LoginAdvice =
        "Changed credentials are tried at once, refused ones at most four times in 15 minutes, so that the server does "
        + "not lock the account.";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstLoginPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLoginPause = TimeSpan.FromHours(1);

    private readonly ILogger _log = log;
    private readonly Lock _lock = new();
    private readonly Dictionary<StorePlace, Circuit> _circuits = []; // guarded by _lock

    /// <summary>Uses a store, unless it is known to be unreachable or to refuse the credentials.</summary>
    /// <param name="place">The store and its credentials.</param>
    /// <param name="probe">Checks whether the store is usable; gives every caller the same answer.</param>
    /// <param name="use">The work to do in the store.</param>
    /// <param name="cancellationToken">Cancels waiting for another caller's first probe.</param>
    /// <exception cref="ProvisioningException">The store is unusable, or <paramref name="use"/> failed.</exception>
    public async Task<T> UseAsync<T>(
        StorePlace place, Func<Task> probe, Func<Task<T>> use, CancellationToken cancellationToken = default)
    {
        var circuit = CircuitOf(place);
        while (TryEnter(circuit) is { } turn)
        {
            if (turn.IsOwn)
                await ProbeAsync(place, circuit, turn.Probe, probe);
            if (await turn.Probe.Task.WaitAsync(cancellationToken) is { } failure)
                throw Copy(failure);
        }

        try
        {
            return await use();
        }
        catch (ProvisioningException exception) when (exception.Reason == StoreReason.AuthenticationFailed)
        {
            // The refusal is proof enough: another login would only add to the failures that the server counts.
            if (TrySuspect(circuit) is { } refusal)
                await ProbeAsync(place, circuit, refusal, () => Task.FromException(exception));
            throw;
        }
        catch (ProvisioningException exception) when (
            exception.Reason is StoreReason.Unreachable or StoreReason.ClientCertificateRefused)
        {
            // The failure may concern this world only, such as a lock on its tables. A probe decides.
            if (TrySuspect(circuit) is { } suspicion)
                await ProbeAsync(place, circuit, suspicion, probe);
            throw;
        }
    }

    private Circuit CircuitOf(StorePlace place)
    {
        lock (_lock)
        {
            if (!_circuits.TryGetValue(place, out var circuit))
                _circuits[place] = circuit = new Circuit();
            return circuit;
        }
    }

    // Null if the store is usable. Otherwise a probe: the caller's own to run, or another caller's to wait for.
    private Turn? TryEnter(Circuit circuit)
    {
        lock (_lock)
        {
            if (circuit.Failure is { } known && (circuit.Probe is not null || !IsDue(circuit)))
                throw Copy(known);
            if (circuit.IsProven)
                return null;
            if (circuit.Probe is { } running)
                return new Turn(running, IsOwn: false);
            return new Turn(circuit.Probe = NewProbe(), IsOwn: true);
        }
    }

    private TaskCompletionSource<ProvisioningException?>? TrySuspect(Circuit circuit)
    {
        lock (_lock)
            return circuit.Probe is null && circuit.IsProven ? circuit.Probe = NewProbe() : null;
    }

    private async Task ProbeAsync(
        StorePlace place,
        Circuit circuit,
        TaskCompletionSource<ProvisioningException?> running,
        Func<Task> probe)
    {
        ProvisioningException? failure = null;
        try
        {
            failure = await FailureOfAsync(probe);
            Settle(place, circuit, failure);
        }
        finally
        {
            // Also when the probe was cancelled: the circuit is then unchanged, and the next caller probes.
            lock (_lock)
                circuit.Probe = null;
            running.SetResult(failure);
        }
    }

    private static async Task<ProvisioningException?> FailureOfAsync(Func<Task> probe)
    {
        try
        {
            await probe();
            return null;
        }
        catch (ProvisioningException exception)
        {
            // Any other failure means that the store is reachable and accepts the login: each caller then gets its own
            // result.
            return exception.Reason is StoreReason.Unreachable or StoreReason.AuthenticationFailed
                or StoreReason.ClientCertificateRefused
                    ? exception
                    : null;
        }
    }

    private void Settle(StorePlace place, Circuit circuit, ProvisioningException? failure)
    {
        ProvisioningException? before;
        lock (_lock)
        {
            before = circuit.Failure;
            circuit.Failures = failure is null ? 0 : failure.Reason == before?.Reason ? circuit.Failures + 1 : 1;
            circuit.IsProven = failure is null;
            circuit.Failure = failure;
            circuit.ProbedLast = clock.GetTimestamp();
        }

        if (failure is not null && failure.Reason != before?.Reason)
            LogUnusable(failure.Message);
        else if (failure is null && before is not null)
            LogUsable(place.Store.Display, place.Address);
    }

    private bool IsDue(Circuit circuit) => clock.GetElapsedTime(circuit.ProbedLast) >= Pause(circuit);

    private TimeSpan Pause(Circuit circuit) => circuit.Failure?.Reason == StoreReason.AuthenticationFailed
        // At most four logins in 15 minutes: servers that lock accounts do so after five failures or more.
        ? Pause(FirstLoginPause, 3, circuit.Failures - 1, LongestLoginPause)
        // Half of the backoff of a world that fails as often, so that the only world of a store can always probe.
        : Pause(options.BackoffBase, 2, circuit.Failures - 2, LongestPause);

    private static TimeSpan Pause(TimeSpan first, double factor, int power, TimeSpan longest) =>
        TimeSpan.FromSeconds(Math.Min(first.TotalSeconds * Math.Pow(factor, power), longest.TotalSeconds));

    private static ProvisioningException Copy(ProvisioningException known) => new(known.Reason, known.Message, known);

    private static TaskCompletionSource<ProvisioningException?> NewProbe() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(5003, LogLevel.Warning,
        "A store is unusable; one reconcile at a time probes it until it is usable again: {Message}")]
    private partial void LogUnusable(string message);

    [LoggerMessage(5004, LogLevel.Information, "{Store} at {Address} is usable again")]
    private partial void LogUsable(string store, string address);

    private readonly record struct Turn(TaskCompletionSource<ProvisioningException?> Probe, bool IsOwn);

    /// <summary>What is known about one store with one set of credentials. Guarded by <c>_lock</c>.</summary>
    private sealed class Circuit
    {
        /// <summary>The running probe; null if there is none.</summary>
        public TaskCompletionSource<ProvisioningException?>? Probe { get; set; }

        /// <summary>Whether the last probe found the store usable; false before the first probe.</summary>
        public bool IsProven { get; set; }

        /// <summary>The last probe's failure; null after a success and before the first probe.</summary>
        public ProvisioningException? Failure { get; set; }

        public long ProbedLast { get; set; }

        /// <summary>Consecutive probes that failed for the same reason.</summary>
        public int Failures { get; set; }
    }
}
