using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;

namespace Aether.Operator.Tests.LiveStatus;

[Trait("Kind", "Unit")]
public sealed class WithinLimitsTests
{
    [Theory]
    [InlineData(89, "WithinLimits")]
    [InlineData(90, "StateNearlyFull")]
    [InlineData(140, "StateNearlyFull")]
    public void A_nearly_full_state_is_reported_with_the_field_to_raise(long used, string reason)
    {
        var report = Reports.Of("economy-0", 3) with
        {
            RpoBytes = 0,
            StateUsedBytes = used,
            StateLimitBytes = 100,
            StateLimitField = "spec.quota.stateBytes",
        };

        var (status, found, message) = WithinLimits.Of(report, maxLag: null);

        Assert.Equal(reason, found);
        Assert.Equal(reason == "WithinLimits" ? ConditionStatus.True : ConditionStatus.False, status);
        Assert.Equal(reason != "WithinLimits", message.Contains("spec.quota.stateBytes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null, 1L << 20, 29, "WithinLimits")]
    [InlineData(null, null, 1L << 20, 31, "JournalBehind")]
    [InlineData(null, null, 65L << 20, 1, "JournalBehind")]
    [InlineData("1Mi", null, 2L << 20, 1, "JournalBehind")]
    [InlineData("100Mi", null, 65L << 20, 500, "WithinLimits")]
    [InlineData(null, "10s", 65L << 20, 11, "JournalBehind")]
    [InlineData(null, "10s", 65L << 20, 9, "WithinLimits")]
    public void A_journal_that_is_behind_is_reported_by_the_limit_of_the_world_or_the_default(
        string? bytes, string? time, long rpoBytes, double rpoSeconds, string reason)
    {
        var report = Reports.Of("economy-0", 3) with { RpoCommits = 7, RpoBytes = rpoBytes, RpoSeconds = rpoSeconds };

        var (_, found, _) = WithinLimits.Of(report, new MaxLagSpec { Bytes = bytes, Time = time });

        Assert.Equal(reason, found);
    }

    [Fact]
    public void Agent_without_limits_in_its_report_is_within_them()
    {
        var (status, _, _) = WithinLimits.Of(Reports.Of("economy-0", 3), maxLag: null);

        Assert.Equal(ConditionStatus.True, status);
    }
}
