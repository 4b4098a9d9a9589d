namespace Aether.Architecture.Tests;

/// <summary>Checks the reference rules of docs/architecture.md against project files and lock files.</summary>
public sealed class ReferenceRulesTests
{
    private const string Contracts = "Aether.Persistence.Contracts";
    private const string Protocol = "Aether.Persistence.Protocol";
    private const string Engine = "Aether.Persistence";
    private const string Sentinels = "Aether.Persistence.Sentinels";
    private const string Stores = "Aether.Persistence.Stores";
    private const string Migrations = "Aether.Persistence.Migrations";
    private const string Command = "Aether.Cli";
    private const string Agent = "Aether.Agent";
    private const string Client = "Aether.Client";
    private const string ControllerRuntime = "Aether.ControllerRuntime";
    private const string Operator = "Aether.Operator";

    private static readonly string[] Wire = ["Google.Protobuf", "Grpc."];
    private static readonly string[] Drivers = ["Npgsql", "StackExchange.Redis", "NATS."];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Contracts] = [],
        [Protocol] = [],
        [Engine] = [Contracts],
        [Sentinels] = [Contracts],
        [Stores] = [Engine, Contracts, Sentinels],
        [Migrations] = [Contracts],
        [Command] = [Engine, Contracts],
        [Agent] = [Command, Stores, Engine, Contracts, Protocol, Sentinels],
        [Client] = [Contracts, Protocol],
        [ControllerRuntime] = [],
        [Operator] = [ControllerRuntime, Contracts, Migrations, Sentinels],
    };

    private static readonly Dictionary<string, string[]> Forbidden = new()
    {
        [Contracts] = [.. Wire, .. Drivers, "KubernetesClient", "Microsoft.AspNetCore"],
        [Protocol] = ["Grpc.Net.", "Grpc.AspNetCore", .. Drivers],
        [Engine] = [.. Wire, .. Drivers, "KubernetesClient", "Microsoft.AspNetCore"],
        [Sentinels] = Wire,
        [Stores] = [.. Wire, "KubernetesClient", "FluentMigrator"],
        [Migrations] = [.. Wire, "KubernetesClient"],
        [Command] = [.. Wire, .. Drivers, "KubernetesClient", "Microsoft.AspNetCore"],
        [Agent] = ["KubernetesClient", "FluentMigrator"],
        [Client] = [.. Drivers, "KubernetesClient", "Microsoft.AspNetCore"],
        [ControllerRuntime] = [.. Wire, .. Drivers, "FluentMigrator"],
        [Operator] = Wire,
    };

    public static TheoryData<string> Projects => [.. ProjectGraph.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_projects_it_may_refer_to(string project) =>
        Assert.Empty(ProjectGraph.ProjectsOf(project).Except(Allowed[project]));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_has_no_package_that_is_not_its_business(string project)
    {
        var packages = ProjectGraph.PackagesOf(project);

        Assert.NotEmpty(packages);
        Assert.DoesNotContain(packages, package => Forbidden[project].Any(
            prefix => package.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Page_of_the_architecture_names_what_a_project_may_refer_to(string project)
    {
        var row = Repository.Read("docs/architecture.md").Split('\n')
            .Single(line => line.StartsWith("| `", StringComparison.Ordinal)
                && line.Contains($"/{project}` |", StringComparison.Ordinal));

        var named = row.Split('|')[3].Trim() is var cell && cell == "nothing of ours" ? [] : cell.Split(", ");

        Assert.Equal(
            Allowed[project].Select(ShortName).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    private static string ShortName(string project) => project.Split('.')[^1];
}
