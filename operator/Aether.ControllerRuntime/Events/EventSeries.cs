namespace Aether.ControllerRuntime;

/// <summary>Decides which events are written, which are counted and which are too many. Not thread-safe.</summary>
internal sealed class EventSeries(TimeProvider clock)
{
    /// <summary>How long after its last occurrence an event still counts as the same. As long as client-go's.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(6);

    /// <summary>How many different events about one object are written within a window.</summary>
    public const int PerObject = 25;

    private readonly Dictionary<EventKey, Occurrences> _events = [];

    /// <summary>Takes note of an event.</summary>
    /// <returns>What to do, and what is known of the series.</returns>
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

    /// <summary>One event and how often it came.</summary>
    internal sealed class Occurrences
    {
        public int Count { get; set; } = 1;

        public long Last { get; set; }

        /// <summary>The event object; null until it is written.</summary>
        public ObjectKey? Written { get; set; }
    }
}
