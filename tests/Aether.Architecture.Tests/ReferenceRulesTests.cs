using System.Reflection;

namespace Aether.Architecture.Tests;

/// <summary>Holds the reference rules of docs/architecture.md against what the compiled assemblies refer to.</summary>
public sealed class ReferenceRulesTests
{
    private const string Engine = "Aether.Persistence";
    private const string Contracts = "Aether.Persistence.Contracts";
    private const string Protocol = "Aether.Persistence.Protocol";
    private const string Stores = "Aether.Persistence.Stores";
    private const string Sentinels = "Aether.Persistence.Sentinels";
    private const string Command = "aether";
    private const string Migrations = "Aether.Persistence.Migrations";
    private const string ControllerRuntime = "Aether.ControllerRuntime";

    [Theory]
    [InlineData(Contracts, new string[0])]
    [InlineData(Engine, new[] { Contracts })]
    [InlineData(Sentinels, new[] { Contracts })]
    [InlineData(Stores, new[] { Engine, Contracts, Sentinels })]
    [InlineData(Migrations, new[] { Contracts })]
    [InlineData(Protocol, new string[0])]
    [InlineData("Aether.Client", new[] { Contracts, Protocol })]
    [InlineData("aether-agent", new[] { Command, Stores, Engine, Contracts, Protocol, Sentinels })]
    [InlineData(Command, new[] { Engine, Contracts })]
    [InlineData(ControllerRuntime, new string[0])]
    [InlineData("aether-operator", new[] { ControllerRuntime, Contracts, Migrations, Sentinels })]
    public void A_project_refers_only_to_those_it_may_refer_to(string assembly, string[] allowed)
    {
        var ours = References(assembly).Where(name => name.StartsWith("aether", StringComparison.OrdinalIgnoreCase));

        Assert.Empty(ours.Except(allowed));
    }

    [Theory]
    [InlineData(Engine, new[] { "Npgsql", "StackExchange.Redis", "NATS.", "KubernetesClient", "Microsoft.AspNetCore" })]
    [InlineData("aether-agent", new[] { "KubernetesClient", "FluentMigrator" })]
    [InlineData(Command, new[] { "Npgsql", "StackExchange.Redis", "NATS.", "KubernetesClient", "Microsoft.AspNet" })]
    [InlineData(ControllerRuntime, new[] { "Npgsql", "StackExchange.Redis", "NATS.", "FluentMigrator" })]
    public void A_project_stays_clear_of_what_is_not_its_business(string assembly, string[] forbidden)
    {
        var references = References(assembly);

        Assert.DoesNotContain(references, name => forbidden.Any(name.StartsWith));
    }

    private static IEnumerable<string> References(string assembly) =>
        Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!);
}
