using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Tests.Kinds;

/// <summary>Compares the limits in the CRD with those shared by operator and agent.</summary>
[Trait("Kind", "Unit")]
public sealed class LimitsAndSchemaTests
{
    private static readonly Dictionary<string, V1JSONSchemaProps> Fields =
        CrdSchema.Walk("", CrdSchema.Schema(WorldPersistence.Plural)).ToDictionary(
            field => field.Path, field => field.Schema);

    public static TheoryData<string, TimeSpan, TimeSpan> Durations => new()
    {
        { ".spec.wal.flushInterval", WorldLimits.MinFlushInterval, WorldLimits.MaxFlushInterval },
        { ".spec.wal.lease", WorldLimits.MinLease, WorldLimits.MaxLease },
        { ".spec.wal.maxLag.time", WorldLimits.MinLagTime, WorldLimits.MaxLagTime },
        { ".spec.snapshot.interval", WorldLimits.MinSnapshotInterval, WorldLimits.MaxSnapshotInterval },
        { ".spec.snapshot.recoveryWindow", TimeSpan.Zero, WorldLimits.MaxRecoveryWindow },
    };

    [Theory]
    [MemberData(nameof(Durations))]
    public void Limits_of_a_duration_are_those_of_operator_and_agent(string path, TimeSpan least, TimeSpan most)
    {
        var (shortest, longest) = (GoDuration.Write(least), GoDuration.Write(most));

        var field = Fields[path];

        Assert.Equal(
            $"duration(self) >= duration('{shortest}') && duration(self) <= duration('{longest}')",
            Assert.Single(field.XKubernetesValidations).Rule);
        Assert.Contains($"{shortest} to {longest}", field.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_segments_and_snapshots_are_those_of_operator_and_agent()
    {
        Assert.Equal(WorldLimits.MaxSnapshots, Fields[".spec.snapshot.maxRetained"].Maximum);
        Assert.Contains(Fields[".spec.snapshot"].XKubernetesValidations, rule => rule.Rule.Contains(
            $"self.maxRetained >= {WorldLimits.MinWindowSnapshots}", StringComparison.Ordinal));
        Assert.Contains(Fields[".spec.wal"].XKubernetesValidations, rule => rule.Rule.Contains(
            $">= {WorldLimits.MinSegments} * quantity(self.segmentSize)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("1ms")]
    [InlineData("10s")]
    [InlineData("1m")]
    [InlineData("24h")]
    [InlineData("1500ms")]
    public void Duration_is_written_as_it_is_read(string text) =>
        Assert.Equal(text, GoDuration.Write(GoDuration.Parse(text)));
}
