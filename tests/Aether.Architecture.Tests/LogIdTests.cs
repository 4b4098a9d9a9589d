using System.Text.RegularExpressions;

namespace Aether.Architecture.Tests;

/// <summary>A log id identifies one message, because people search logs and docs by it.</summary>
public sealed partial class LogIdTests
{
    [Fact]
    public void Log_ids_are_unique_over_all_projects()
    {
        var ids = new[] { "runtime", "operator" }
            .SelectMany(folder => Directory.EnumerateFiles(
                Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => Declaration().Matches(File.ReadAllText(file)), (file, found) => (
                Id: found.Groups[1].Value, File: Path.GetFileName(file)))
            .ToList();

        Assert.NotEmpty(ids);
        Assert.All(ids.GroupBy(id => id.Id), uses => Assert.Single(uses));
    }

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId = )?(\d+)")]
    private static partial Regex Declaration();
}
