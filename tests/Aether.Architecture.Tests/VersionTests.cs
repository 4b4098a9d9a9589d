using System.Text.RegularExpressions;

namespace Aether.Architecture.Tests;

/// <summary>The version is that of Directory.Build.props; <c>make version</c> writes the other places.</summary>
public sealed class VersionTests
{
    [Theory]
    [InlineData("charts/aether-persistence/Chart.yaml", @"^version: (.*)$")]
    [InlineData("charts/aether-persistence/Chart.yaml", @"^appVersion: (.*)$")]
    [InlineData("config/operator/deployment.yaml", @"image: aether-operator:(.*)$")]
    [InlineData("config/operator/deployment.yaml", @"value: aether-agent:(.*)$")]
    [InlineData("docs/operator.md", @"`AgentImage` \| `aether-agent:(.*?)`")]
    [InlineData("operator/Aether.Operator/OperatorOptions.cs", "AgentImage.*\"aether-agent:(.*)\";$")]
    [InlineData("CHANGELOG.md", @"^## (\d.*?)( |$)")]
    public void Version_is_that_of_Directory_Build_props_in(string file, string pattern)
    {
        var version = Regex.Match(Repository.Read("Directory.Build.props"), "<Version>(.*)</Version>").Groups[1].Value;

        var found = Regex.Match(Repository.Read(file), pattern, RegexOptions.Multiline);

        Assert.True(found.Success, $"{file} names no version as {pattern}");
        Assert.Equal(version, found.Groups[1].Value);
    }
}
