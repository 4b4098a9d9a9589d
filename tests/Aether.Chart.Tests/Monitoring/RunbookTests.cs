using System.Text.RegularExpressions;
using Aether.Chart.Tests.Tools;
using Aether.TestServers;

namespace Aether.Chart.Tests.Monitoring;

/// <summary>Every alert has a runbook page, and every command on a page can be typed as it is.</summary>
public sealed partial class RunbookTests(HelmChart chart) : IClassFixture<HelmChart>
{
    private static readonly string[] Sections =
        ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation", "## Over when"];

    private static readonly IReadOnlyDictionary<string, string> Pages =
        Directory.GetFiles(Clone.PathOf("docs", "runbooks"), "*.md")
            .Where(file => Path.GetFileName(file) != "README.md")
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

    [Fact]
    public void Alerts_and_runbook_pages_match_one_to_one()
    {
        Assert.Equal(
            Alert.All.Select(alert => alert.Name).Distinct().Order(StringComparer.Ordinal),
            Pages.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_list_of_pages_is_complete()
    {
        var list = await File.ReadAllTextAsync(
            Clone.PathOf("docs", "runbooks", "README.md"), TestContext.Current.CancellationToken);

        Assert.Equal(
            Pages.Keys.Order(StringComparer.Ordinal),
            Link().Matches(list).Select(match => match.Groups["page"].Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Alert.Names), MemberType = typeof(Alert))]
    public void Runbook_page_has_meaning_cost_diagnosis_remedy_and_end(string alert)
    {
        var lines = Pages[alert].Split('\n');

        Assert.Equal($"# {alert}", lines[0]);
        Assert.Equal(Sections, lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Alert.Names), MemberType = typeof(Alert))]
    public void Metrics_on_a_page_exist(string alert)
    {
        Assert.Subset(MetricsPage.Names.ToHashSet(), MetricsPage.NamesIn(Pages[alert]).ToHashSet());
    }

    [Fact]
    public async Task Commands_of_aether_on_the_pages_exist_with_their_options()
    {
        var page = await File.ReadAllTextAsync(
            Clone.PathOf("docs", "cli.md"), TestContext.Current.CancellationToken);
        var known = page.Split("\n## ").Skip(1)
            .SelectMany(section => Command().Matches(section[..section.IndexOf('\n', StringComparison.Ordinal)])
                .Select(command => (command.Value, section)))
            .ToDictionary();

        var used = Pages.Values.SelectMany(text => text.Split('\n')).Where(line => Command().IsMatch(line)).ToList();

        Assert.NotEmpty(used);
        Assert.All(used, line =>
        {
            var command = Command().Match(line);
            Assert.True(known.TryGetValue(command.Value, out var section), $"docs/cli.md has no `{command.Value}`.");
            Assert.All(Option().Matches(line[command.Index..]), option =>
                Assert.True(page.Contains(option.Value, StringComparison.Ordinal), $"{option.Value} of {section}"));
        });
    }

    [Fact]
    public async Task Commands_of_kubectl_on_the_pages_exist_with_their_options()
    {
        var used = Pages.Values.SelectMany(text => KubectlLine().Matches(text))
            .Select(match => match.Groups["arguments"].Value.Split(" -- ")[0]).ToList();
        var common = await chart.Kubectl.OutputAsync("options");
        var helps = new Dictionary<string, string>();

        Assert.NotEmpty(used);
        foreach (var arguments in used)
        {
            var verb = Verb().Match(arguments).Value;
            if (!helps.TryGetValue(verb, out var help))
                helps[verb] = help = await chart.Kubectl.OutputAsync([.. verb.Split(' '), "--help"]) + common;
            Assert.All(Option().Matches(arguments), option => Assert.Contains(
                option.Value + (option.Value.StartsWith("--", StringComparison.Ordinal) ? "=" : ","),
                help, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex(@"\]\((?<page>Aether[A-Za-z]+)\.md\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\baether (wal|snapshot|diverged) [a-z]+")]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<=\s)--?[a-z][a-z-]*")]
    private static partial Regex Option();

    [GeneratedRegex(@"^    kubectl (?<arguments>.+)$", RegexOptions.Multiline)]
    private static partial Regex KubectlLine();

    // With the namespace first, as people type it.
    [GeneratedRegex(@"(?<=^(?:-n \S+ )?)(rollout status|rollout restart|rollout undo|auth can-i|[a-z]+)\b")]
    private static partial Regex Verb();
}
