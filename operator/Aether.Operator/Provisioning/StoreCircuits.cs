namespace Aether.Operator.Provisioning;

/// <summary>
/// Remembers which stores cannot be reached, so that they hold up nobody who does not need them: one pass at a time
/// asks such a store whether it is back, with growing pauses between; the others are told at once what it found.
/// </summary>
internal sealed partial class StoreCircuits(OperatorOptions options, TimeProvider clock, ILogger<StoreCircuits> log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ILogger _log = log;
    private readonly Lock _lock = new();
    private readonly Dictionary<StorePlace, Circuit> _circuits = []; // guarded by _lock; none is closed

    /// <summary>Uses a store, unless it is known to be out of reach.</summary>
    /// <param name="place">Which store.</param>
    /// <param name="ask">Finds out whether it can be reached, whoever asks.</param>
    /// <param name="use">What is to be done with it.</param>
    /// <exception cref="ProvisioningException">It cannot be reached, or <paramref name="use"/> failed.</exception>
    public async Task<T> UseAsync<T>(StorePlace place, Func<Task> ask, Func<Task<T>> use)
    {
        if (TakeTurn(place) is { } circuit && await AskAsync(place, circuit, ask) is { } away)
            throw away;

        try
        {
            return await use();
        }
        catch (ProvisioningException exception) when (exception.Reason == StoreReasons.Unreachable)
        {
            // A world may have been in its own way, as by a lock on its tables: that is nothing to the others.
            if (TrySuspect(place) is { } suspected)
                await AskAsync(place, suspected, ask);
            throw;
        }
    }

    // Null where nothing is known against the store; else it is the caller's turn to ask.
    private Circuit? TakeTurn(StorePlace place)
    {
        lock (_lock)
        {
            if (!_circuits.TryGetValue(place, out var circuit) || circuit.Away is not { } away)
                return null;
            if (circuit.IsAsked || clock.GetElapsedTime(circuit.AskedLast) < Pause(circuit.Failures))
                throw new ProvisioningException(away.Reason, away.Message, away);
            circuit.IsAsked = true;
            return circuit;
        }
    }

    private Circuit? TrySuspect(StorePlace place)
    {
        lock (_lock)
        {
            var circuit = new Circuit { IsAsked = true };
            return _circuits.TryAdd(place, circuit) ? circuit : null;
        }
    }

    private async Task<ProvisioningException?> AskAsync(StorePlace place, Circuit circuit, Func<Task> ask)
    {
        ProvisioningException? away = null;
        try
        {
            await ask();
        }
        catch (ProvisioningException exception)
        {
            // A store that says no is there: what it refuses is for whoever uses it to hear.
            away = exception.Reason == StoreReasons.Unreachable ? exception : null;
        }
        finally
        {
            Settle(place, circuit, away);
        }

        return away;
    }

    private void Settle(StorePlace place, Circuit circuit, ProvisioningException? away)
    {
        var wasAway = circuit.Away is not null;
        lock (_lock)
        {
            circuit.IsAsked = false;
            circuit.Away = away;
            circuit.AskedLast = clock.GetTimestamp();
            circuit.Failures++;
            if (away is null)
                _circuits.Remove(place);
        }

        if (away is not null && !wasAway)
            LogAway(away.Message);
        else if (away is null && wasAway)
            LogBack(place.Store.Display, place.Address);
    }

    // Half of the backoff of a world that fails as often, so that the only world of a store always has its turn.
    private TimeSpan Pause(int failures)
    {
        var seconds = options.BackoffBase.TotalSeconds * Math.Pow(2, failures - 2);
        return TimeSpan.FromSeconds(Math.Min(seconds, LongestPause.TotalSeconds));
    }

    [LoggerMessage(5003, LogLevel.Warning, "A store is out of reach; one world at a time tries it now: {Message}")]
    private partial void LogAway(string message);

    [LoggerMessage(5004, LogLevel.Information, "{Store} at {Address} is within reach again")]
    private partial void LogBack(string store, string address);

    /// <summary>One store that could not be reached. Guarded by the lock.</summary>
    private sealed class Circuit
    {
        /// <summary>Whether somebody is asking the store just now.</summary>
        public bool IsAsked { get; set; }

        /// <summary>What was found when it was last asked; null until then.</summary>
        public ProvisioningException? Away { get; set; }

        public long AskedLast { get; set; }

        public int Failures { get; set; }
    }
}
