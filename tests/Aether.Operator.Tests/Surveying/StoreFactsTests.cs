using Aether.Operator.Surveying;

namespace Aether.Operator.Tests.Surveying;

[Trait("Kind", "Unit")]
public sealed class StoreFactsTests
{
    private readonly StoreFacts _facts = new();

    [Fact]
    public void World_is_inspected_at_its_first_survey_and_then_only_when_its_facts_change()
    {
        Assert.Equal(["a", "b"], Take(("a", "1"), ("b", "1")));
        Assert.Empty(Take(("a", "1"), ("b", "1")));
        Assert.Equal(["b"], Take(("a", "1"), ("b", "2")));
        Assert.Equal(["c"], Take(("a", "1"), ("b", "2"), ("c", "1")));
    }

    [Fact]
    public void World_that_the_store_no_longer_knows_is_inspected_once()
    {
        Take(("a", "1"));

        Assert.Equal(["a"], _facts.Take(["a"], new Dictionary<string, string>()));
        Assert.Empty(_facts.Take(["a"], new Dictionary<string, string>()));
        Assert.Equal(["a"], Take(("a", "1")));
    }

    [Fact]
    public void World_that_was_deleted_and_created_again_is_new()
    {
        Take(("a", "1"));
        Take();

        Assert.Equal(["a"], Take(("a", "1")));
    }

    [Fact]
    public void Change_during_an_outage_is_seen_after_it()
    {
        Take(("a", "1"), ("b", "1"));

        _facts.Fail("unreachable");

        Assert.Equal(["b"], Take(("a", "1"), ("b", "2")));
    }

    [Fact]
    public void Failure_is_new_once_per_cause_until_a_survey_succeeds()
    {
        Assert.True(_facts.Fail("unreachable"));
        Assert.False(_facts.Fail("unreachable"));
        Assert.True(_facts.Fail("refused"));
        Assert.Equal("refused", _facts.Failure);
        Take(("a", "1"));

        Assert.Null(_facts.Failure);
        Assert.True(_facts.Fail("refused"));
    }

    private IReadOnlyList<string> Take(params (string Id, string Fact)[] worlds) => _facts.Take(
        [.. worlds.Select(world => world.Id)], worlds.ToDictionary(world => world.Id, world => world.Fact));
}
