using Microsoft.Extensions.Configuration;

namespace Aether.Operator.Tests;

[Trait("Kind", "Unit")]
public sealed class OperatorOptionsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("games", new[] { "games" })]
    [InlineData(" games, lobby,", new[] { "games", "lobby" })]
    public void Namespaces_are_separated_by_commas(string text, string[] expected)
    {
        var options = Read("WatchNamespaces", text);

        Assert.Equal(expected, options.WatchedNamespaces);
    }

    [Theory]
    [InlineData("WatchNamespaces", "games;lobby", "Operator:WatchNamespaces names 'games;lobby'")]
    [InlineData("WatchNamespaces", "games,*", "Operator:WatchNamespaces names '*'")]
    [InlineData("CertificateDirectory", "/no/such/folder", "Operator:CertificateDirectory is '/no/such/folder'")]
    [InlineData("Shard", "East", "Operator:Shard is 'East': use at most 32 lower-case letters")]
    [InlineData("Workers", "65", "Operator:Workers is 65: use 1 to 64")]
    [InlineData("InspectionsPerSecond", "0", "Operator:InspectionsPerSecond is 0: use 1 to 10000")]
    public void Invalid_setting_is_refused_by_name(string name, string value, string words)
    {
        var refusal = Assert.Throws<ArgumentException>(() => Read(name, value));

        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    private static OperatorOptions Read(string name, string value) => OperatorOptions.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [$"{OperatorOptions.Section}:{name}"] = value })
            .Build());
}
