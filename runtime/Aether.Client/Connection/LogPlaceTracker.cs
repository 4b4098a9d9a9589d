using Aether.Persistence.V1;

namespace Aether.Client;

/// <summary>
/// Tracks the furthest place of the world's log that the agent has named. A commit that is sent later comes after that
/// place, if it is applied. Thread-safe.
/// </summary>
internal sealed class LogPlaceTracker
{
    private readonly Lock _lock = new();
    private volatile LogPlace _last = new();

    /// <summary>The furthest place so far; the object is immutable.</summary>
    public LogPlace Last => _last;

    /// <summary>Records a place from an answer of the agent.</summary>
    public void Record(ulong epoch, ulong sequence)
    {
        lock (_lock)
        {
            if ((epoch, sequence).CompareTo((_last.Epoch, _last.Sequence)) > 0)
                _last = new LogPlace { Epoch = epoch, Sequence = sequence };
        }
    }
}
