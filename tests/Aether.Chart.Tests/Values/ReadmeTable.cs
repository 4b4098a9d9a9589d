using System.Text.RegularExpressions;
using Aether.Chart.Tests.Tools;

namespace Aether.Chart.Tests.Values;

/// <summary>The tables of the chart's README: value, default, meaning.</summary>
internal static partial class ReadmeTable
{
    /// <summary>Defaults by value, as text; null if a default is described in words.</summary>
    public static IReadOnlyDictionary<string, string?> Read() =>
        Row().Matches(File.ReadAllText(Path.Combine(HelmChart.Folder, "README.md")))
            .ToDictionary(
                match => match.Groups["name"].Value,
                match => match.Groups["default"].Value is ['`', .., '`'] code ? code[1..^1] : null);

    [GeneratedRegex(@"^\| `(?<name>[A-Za-z.]+)` \| (?<default>.+?) \| .+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
