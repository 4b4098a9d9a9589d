using Microsoft.Extensions.Time.Testing;

namespace Aether.ControllerRuntime.Tests.Events;

[Trait("Kind", "Unit")]
public sealed class EventSeriesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly EventSeries _series;

    public EventSeriesTests()
    {
        _series = new EventSeries(_clock);
    }

    [Fact]
    public void A_repeated_event_is_counted_at_powers_of_two()
    {
        var decisions = Enumerable.Range(1, 8).Select(_ => _series.Take(Event("u", "note")).Decision).ToList();

        Assert.Equal(
            [
                EventDecision.Create, EventDecision.Count, EventDecision.Remember, EventDecision.Count,
                EventDecision.Remember, EventDecision.Remember, EventDecision.Remember, EventDecision.Count,
            ],
            decisions);
        Assert.Equal(9, _series.Take(Event("u", "note")).Series.Count);
    }

    [Fact]
    public void Series_ends_a_window_after_its_last_event()
    {
        _series.Take(Event("u", "note"));
        _clock.Advance(EventSeries.Window - TimeSpan.FromSeconds(1));
        _series.Take(Event("u", "note"));
        _clock.Advance(EventSeries.Window);

        Assert.Equal(EventDecision.Create, _series.Take(Event("u", "note")).Decision);
    }

    [Fact]
    public void Too_many_different_events_about_one_object_are_dropped_and_others_are_not()
    {
        for (var number = 0; number < EventSeries.PerObject; number++)
            Assert.Equal(EventDecision.Create, _series.Take(Event("u", $"note {number}")).Decision);

        Assert.Equal(EventDecision.Drop, _series.Take(Event("u", "one more")).Decision);
        Assert.Equal(EventDecision.Create, _series.Take(Event("other", "one more")).Decision);
    }

    private static EventKey Event(string uid, string note) => new(uid, "Warning", "Reason", "Action", note);
}
