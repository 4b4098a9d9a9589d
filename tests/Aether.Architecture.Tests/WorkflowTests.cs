using System.Text.RegularExpressions;

namespace Aether.Architecture.Tests;

/// <summary>Rules for .github/workflows.</summary>
public sealed partial class WorkflowTests
{
    [Fact]
    public void Every_test_project_is_in_the_matrix_of_CI()
    {
        var projects = Directory.EnumerateDirectories(Repository.PathOf("tests"), "*.Tests")
            .Select(Path.GetFileName).Order(StringComparer.Ordinal);

        var matrix = Project().Matches(Repository.Read(".github/workflows/ci.yml")).Select(row => row.Groups[1].Value);

        Assert.Equal(projects, matrix.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_action_is_pinned_by_commit_with_its_release_beside_it()
    {
        var uses = Directory.EnumerateFiles(Repository.PathOf(".github", "workflows"))
            .SelectMany(File.ReadLines).Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(Pinned(), line));
    }

    [Fact]
    public void Every_command_of_CI_is_a_target_of_the_Makefile()
    {
        var makefile = Repository.Read("Makefile");
        var targets = Directory.EnumerateFiles(Repository.PathOf(".github", "workflows"))
            .SelectMany(file => Make().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value);

        Assert.All(targets.Distinct(), target => Assert.Matches($@"(?m)^{target}:.*## ", makefile));
    }

    [GeneratedRegex(@"^ +- (Aether\.[\w.]+)$", RegexOptions.Multiline)]
    private static partial Regex Project();

    [GeneratedRegex(@"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"run: make ([\w-]+)")]
    private static partial Regex Make();
}
