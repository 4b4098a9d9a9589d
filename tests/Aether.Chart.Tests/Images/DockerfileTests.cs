using System.Text.Json;
using System.Text.RegularExpressions;
using Aether.Chart.Tests.Rendering;
using Aether.Chart.Tests.Tools;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.Chart.Tests.Images;

/// <summary>
/// Checks of the images that need no engine to build them: sources, commands, bases and users. Only <c>make images</c>
/// shows whether they build, on which architectures, and how large they are.
/// </summary>
public sealed partial class DockerfileTests(HelmChart chart) : IClassFixture<HelmChart>
{
    private const string User = "65532";

    [Theory]
    [InlineData("operator")]
    [InlineData("agent")]
    public void Every_copied_source_is_in_the_repository_and_not_excluded_by_dockerignore(string name)
    {
        var ignore = File.ReadAllLines(Clone.PathOf(".dockerignore"));

        var sources = new Dockerfile(name).Sources().Select(source => source.TrimEnd('/')).ToList();

        Assert.Contains("*", ignore);
        Assert.All(sources, source =>
        {
            Assert.True(Path.Exists(Clone.PathOf(source)), $"{source} does not exist");
            Assert.Contains($"!{source}", ignore);
        });
    }

    [Theory]
    [InlineData("operator", "operator/Aether.Operator/Aether.Operator.csproj")]
    [InlineData("agent", "runtime/Aether.Agent/Aether.Agent.csproj")]
    [InlineData("agent", "runtime/Aether.Cli/Aether.Cli.csproj")]
    public void Every_project_that_a_program_refers_to_is_copied(string name, string project)
    {
        var sources = new Dockerfile(name).Sources().Select(source => source.TrimEnd('/') + "/").ToList();

        Assert.All(Closure(project), path =>
            Assert.Contains(sources, source => path.StartsWith(source, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("agent")]
    public void Programs_are_published_as_make_build_publishes_them(string name)
    {
        string[] scripts = ["build.sh", "publish-agent.sh"];
        var lines = scripts.SelectMany(script => File.ReadLines(Clone.PathOf(".ci", script))).ToList();

        var commands = new Dockerfile(name).All("RUN")
            .Where(command => command.StartsWith("dotnet", StringComparison.Ordinal));

        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Contains(
            lines, line => $" {line}".EndsWith($" {command}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("agent")]
    public void Bases_are_arguments_and_the_last_one_has_no_shell(string name)
    {
        var file = new Dockerfile(name);

        Assert.All(file.All("FROM"), from =>
            Assert.Matches(@"^((--platform=\S+ )?\$\{(SDK|RUNTIME)_IMAGE\}( AS \w+)?|scratch)$", from));
        Assert.Contains(file.All("ARG"), argument => ChiselledDefault().IsMatch(argument));
        Assert.Empty(file.Last("RUN"));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("agent")]
    public async Task The_user_is_the_number_that_pods_run_as(string name)
    {
        var pods = (await chart.RenderAsync("")).OperatorPods();

        Assert.Equal([$"{User}:{User}"], new Dockerfile(name).Last("USER"));
        Assert.Equal(User, pods.SecurityContext.RunAsUser?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_operators_image_starts_what_its_tests_start_and_has_the_charts_ports()
    {
        var file = new Dockerfile("operator");
        var ports = (await chart.RenderAsync("")).OperatorPods().Containers[0].Ports;

        var entry = JsonSerializer.Deserialize<string[]>(file.Last("ENTRYPOINT").Single())!;

        var tested = ProgramImages.Managed("Aether.Operator", "aether-operator").Entrypoint;
        Assert.Equal(tested.Select(Path.GetFileName), entry.Select(Path.GetFileName));
        Assert.Equal(
            ports.Select(port => port.ContainerPort).Order(),
            file.Last("EXPOSE").Single().Split(' ').Select(int.Parse).Order());
    }

    [Fact]
    public async Task Tags_of_the_chart_and_of_make_images_are_one_version()
    {
        var version = Version().Match(await File.ReadAllTextAsync(
            Clone.PathOf("Directory.Build.props"), TestContext.Current.CancellationToken)).Groups[1].Value;

        Assert.Equal($"aether-operator:{version}", (await chart.RenderAsync("")).OperatorPods().Containers[0].Image);
    }

    private static HashSet<string> Closure(string project)
    {
        var found = new HashSet<string>();
        var left = new Queue<string>([project]);
        while (left.TryDequeue(out var next))
        {
            if (!found.Add(next))
                continue;
            var folder = Path.GetDirectoryName(Clone.PathOf(next))!;
            foreach (Match reference in Reference().Matches(File.ReadAllText(Clone.PathOf(next))))
            {
                var path = Path.GetFullPath(Path.Combine(folder, reference.Groups[1].Value));
                var relative = Path.GetRelativePath(Clone.Root, path);
                if (relative.EndsWith(".csproj", StringComparison.Ordinal))
                    left.Enqueue(relative);
                else
                    found.Add(relative);
            }
        }

        return found;
    }

    // Projects and files in other folders.
    [GeneratedRegex("Include=\"(\\.\\./[^\"*]*)")]
    private static partial Regex Reference();

    [GeneratedRegex("^RUNTIME_IMAGE=.*-chiseled$")]
    private static partial Regex ChiselledDefault();

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex Version();
}
