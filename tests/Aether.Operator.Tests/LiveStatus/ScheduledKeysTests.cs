using Aether.ControllerRuntime;
using Aether.Operator.LiveStatus;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Operator.Tests.LiveStatus;

[Trait("Kind", "Unit")]
public sealed class ScheduledKeysTests
{
    private static readonly ObjectKey One = new("games", "one");
    private static readonly ObjectKey Two = new("games", "two");

    private readonly FakeTimeProvider _clock = new(Reports.Noon);
    private readonly ScheduledKeys _due;

    public ScheduledKeysTests() => _due = new ScheduledKeys(_clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_is_taken_once_at_its_earliest_requested_time()
    {
        _due.AddAt(One, Reports.Noon.AddSeconds(30));
        _due.AddAt(Two, Reports.Noon.AddSeconds(10));
        _due.AddAt(One, Reports.Noon.AddSeconds(5));
        _due.AddAt(One, Reports.Noon.AddSeconds(20));
        _clock.Advance(TimeSpan.FromSeconds(30));

        var taken = (await _due.TakeAsync(Stop), await _due.TakeAsync(Stop));
        var third = _due.TakeAsync(Stop);
        _due.Add(Two);

        Assert.Equal((One, Two), taken);
        Assert.Equal(Two, await third);
    }

    [Fact]
    public async Task Waiter_is_woken_by_time_and_by_an_earlier_key()
    {
        _due.AddAt(One, Reports.Noon.AddSeconds(30));
        var taking = _due.TakeAsync(Stop);
        var early = taking.IsCompleted;

        _due.Add(Two);
        var first = await taking;
        var next = _due.TakeAsync(Stop);
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.False(early);
        Assert.Equal((Two, One), (first, await next));
    }
}
