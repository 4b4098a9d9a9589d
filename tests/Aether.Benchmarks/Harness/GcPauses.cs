using System.Diagnostics.Tracing;

namespace Aether.Benchmarks.Harness;

/// <summary>The pauses of the garbage collector from now on, as reported by the runtime.</summary>
internal sealed class GcPauses : EventListener
{
    private const string Source = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords GcKeyword = (EventKeywords)0x1;
    private const int RestartEnd = 3;
    private const int SuspendBegin = 9;

    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];  // _gate
    private DateTime _suspended;  // _gate

    /// <summary>The pause below which that share of all pauses is, in milliseconds; 0 if there was none.</summary>
    public double Quantile(double share)
    {
        lock (_gate)
        {
            _milliseconds.Sort();
            return _milliseconds.Count == 0 ? 0 : _milliseconds[(int)Math.Ceiling(share * _milliseconds.Count) - 1];
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
            EnableEvents(eventSource, EventLevel.Informational, GcKeyword);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        lock (_gate)
        {
            if (eventData.EventId == SuspendBegin)
                _suspended = eventData.TimeStamp;
            else if (eventData.EventId == RestartEnd && _suspended != default)
                _milliseconds.Add((eventData.TimeStamp - _suspended).TotalMilliseconds);
        }
    }
}
