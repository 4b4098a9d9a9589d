using System.Reflection;
using System.Text.RegularExpressions;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Settings;

/// <summary>docs/configuration.md lists the variables that exist.</summary>
[Trait("Kind", "Unit")]
public sealed partial class ConfigurationPageTests
{
    [Fact]
    public async Task The_page_has_a_row_for_each_variable_in_the_order_of_the_code()
    {
        var page = await File.ReadAllTextAsync(
            Clone.PathOf("docs/configuration.md"), TestContext.Current.CancellationToken);

        var variables = typeof(AetherVariables).GetFields(BindingFlags.Public | BindingFlags.Static)
            .OrderBy(field => field.MetadataToken).Select(field => (string?)field.GetRawConstantValue());

        Assert.Equal(variables, Row().Matches(page).Select(match => match.Groups["name"].Value));
    }

    [GeneratedRegex(@"^\| `(?<name>AETHER_[A-Z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
