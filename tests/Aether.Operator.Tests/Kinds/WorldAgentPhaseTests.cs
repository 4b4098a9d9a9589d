using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Tests.Kinds;

[Trait("Kind", "Unit")]
public sealed class WorldAgentPhaseTests
{
    [Fact]
    public void Phases_in_a_status_are_those_that_agents_report_and_Silent() =>
        Assert.Equal(
            Enum.GetNames<RuntimePhase>().Append(nameof(WorldAgentPhase.Silent)), Enum.GetNames<WorldAgentPhase>());
}
