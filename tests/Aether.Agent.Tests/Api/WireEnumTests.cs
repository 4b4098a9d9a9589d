using Aether.Client;
using Aether.Persistence.Contracts;
using Wire = Aether.Persistence.V1;

namespace Aether.Agent.Tests.Api;

/// <summary>
/// Agent and SDK cast between their own enums and those of world.proto. These tests compare them member by member, so
/// that a cast can never change the meaning of a value.
/// </summary>
[Trait("Kind", "Unit")]
public sealed class WireEnumTests
{
    [Fact]
    public void Durability_has_the_levels_of_the_wire_by_name_and_number() =>
        Assert.Equal(MembersOf<Wire.Durability>().Except([("Unspecified", 0)]), MembersOf<Durability>());

    [Fact]
    public void Durability_of_the_SDK_has_those_of_the_wire_and_a_name_for_unspecified() =>
        Assert.Equal(
            MembersOf<Wire.Durability>().Except([("Unspecified", 0)]).Prepend(("WorldDefault", 0)),
            MembersOf<WorldDurability>());

    [Fact]
    public void Phases_of_a_runtime_are_those_of_the_wire_and_Stopped_which_no_client_ever_sees() =>
        Assert.Equal(
            MembersOf<Wire.Phase>().Except([("Unspecified", 0)]).Append(("Stopped", 8)), MembersOf<RuntimePhase>());

    [Fact]
    public void Phases_of_the_SDK_are_those_of_the_wire_and_a_name_for_unspecified() =>
        Assert.Equal(
            MembersOf<Wire.Phase>().Except([("Unspecified", 0)]).Prepend(("Unknown", 0)), MembersOf<ServingPhase>());

    private static List<(string Name, int Number)> MembersOf<T>()
        where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(value => (value.ToString(), Convert.ToInt32(value, null)))];
}
