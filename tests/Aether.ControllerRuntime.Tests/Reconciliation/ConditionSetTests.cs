using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Aether.ControllerRuntime.Tests.Reconciliation;

[Trait("Kind", "Unit")]
public sealed class ConditionSetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Start);
    private readonly List<V1Condition> _conditions = [];

    [Fact]
    public void A_new_condition_is_a_transition_at_a_whole_second()
    {
        var set = Judge(generation: 3);

        var transition = set.Set("Ready", ConditionStatus.False, "Waiting", "for a store");

        Assert.True(transition);
        Assert.True(set.Changed);
        var condition = Assert.Single(_conditions);
        Assert.Equal(("Ready", "False", "Waiting", 3L), (condition.Type, condition.Status, condition.Reason,
            condition.ObservedGeneration));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), condition.LastTransitionTime);
    }

    [Fact]
    public void Same_condition_again_changes_nothing()
    {
        Judge(3).Set("Ready", ConditionStatus.True, "Ok", "fine");
        _clock.Advance(TimeSpan.FromMinutes(1));
        var set = Judge(3);

        Assert.False(set.Set("Ready", ConditionStatus.True, "Ok", "fine"));
        Assert.False(set.Changed);
    }

    [Fact]
    public void Transition_time_changes_only_with_the_status()
    {
        Judge(3).Set("Ready", ConditionStatus.False, "Waiting", "for a store");
        var first = _conditions[0].LastTransitionTime;
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(Judge(4).Set("Ready", ConditionStatus.False, "Refused", "by the store"));
        Assert.Equal(first, _conditions[0].LastTransitionTime);
        Judge(4).Set("Ready", ConditionStatus.True, "Ok", "fine");

        Assert.Equal(first.AddMinutes(1), _conditions[0].LastTransitionTime);
    }

    [Fact]
    public void New_message_or_generation_is_a_change_but_no_transition()
    {
        Judge(3).Set("Ready", ConditionStatus.False, "Waiting", "1 left");

        var message = Judge(3);
        var generation = Judge(4);

        Assert.False(message.Set("Ready", ConditionStatus.False, "Waiting", "0 left"));
        Assert.True(message.Changed);
        Assert.False(generation.Set("Ready", ConditionStatus.False, "Waiting", "0 left"));
        Assert.True(generation.Changed);
    }

    [Fact]
    public void Condition_can_be_removed()
    {
        Judge(3).Set("Degraded", ConditionStatus.True, "Slow", "disk");
        var set = Judge(3);

        Assert.True(set.Remove("Degraded"));
        Assert.False(set.Remove("Degraded"));
        Assert.True(set.Changed);
        Assert.Empty(_conditions);
    }

    private ConditionSet Judge(long generation) => new(_conditions, generation, _clock);
}
