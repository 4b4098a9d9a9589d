namespace Aether.ControllerRuntime;

/// <summary>Decides whether an event is written, counted or dropped. Not thread-safe.</summary>
internal sealed class EventSeries(TimeProvider clock)
{
    /// <summary>
    /// How long after its last occurrence an event still counts as a repetition; the same as in client-go.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(6);

    /// <summary>How many different events about one object are written within a window.</summary>
    public const int PerObject = 25;

    private readonly Dictionary<EventKey, Occurrences> _events = [];

    /// <summary>Adds an event to its series.</summary>
    /// <returns>How to record the event, and its series.</returns>
    public (EventDecision Decision, Occurrences Series) Take(EventKey key)
    {
        Prune();
        if (_events.TryGetValue(key, out var known))
        {
            known.Count++;
            known.Last = clock.GetTimestamp();
            return (int.IsPow2(known.Count) ? EventDecision.Count : EventDecision.Remember, known);
        }

        var series = new Occurrences { Last = clock.GetTimestamp() };
        if (_events.Keys.Count(other => other.Uid == key.Uid) >= PerObject)
            return (EventDecision.Drop, series);

        _events[key] = series;
        return (EventDecision.Create, series);
    }

    private void Prune()
    {
        foreach (var (key, series) in _events)
        {
            if (clock.GetElapsedTime(series.Last) >= Window)
                _events.Remove(key);
        }
    }

    /// <summary>The occurrences of one event.</summary>
    internal sealed class Occurrences
    {
        public int Count { get; set; } = 1;

        public long Last { get; set; }

        /// <summary>The event object; null until it is written.</summary>
        public ObjectKey? Written { get; set; }
    }
}
