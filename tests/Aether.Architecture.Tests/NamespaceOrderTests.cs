using System.Reflection;

namespace Aether.Architecture.Tests;

/// <summary>Checks the order of namespaces within each project.</summary>
public sealed class NamespaceOrderTests
{
    // From the lowest up, as in docs/architecture.md.
    private static readonly string[] Floors =
    [
        "",
        ".Codec", ".Storage",
        ".State",
        ".Wal",
        ".Events", ".Journal", ".Lease",
        ".Commits", ".Snapshots",
        ".Recovery", ".Inspection",
        ".Runtime",
    ];

    private static readonly string Repository =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    [Fact]
    public void Floors_of_the_engine_refer_only_to_floors_below_them()
    {
        var floors = Floors.Select((floor, height) => ($"Aether.Persistence{floor}", height)).ToDictionary();
        var references = Read("Aether.Persistence", "runtime/Aether.Persistence");

        Assert.DoesNotContain(references, reference => floors[reference.From] < floors[reference.To]);
        Assert.NotEmpty(references);
    }

    [Theory]
    [InlineData("Aether.ControllerRuntime", "operator/Aether.ControllerRuntime")]
    [InlineData("aether-operator", "operator/Aether.Operator")]
    [InlineData("aether-agent", "runtime/Aether.Agent")]
    [InlineData("aether", "runtime/Aether.Cli")]
    [InlineData("Aether.Client", "runtime/Aether.Client")]
    [InlineData("Aether.Persistence.Contracts", "runtime/Aether.Persistence.Contracts")]
    [InlineData("Aether.Persistence.Migrations", "runtime/Aether.Persistence.Migrations")]
    [InlineData("Aether.Persistence.Sentinels", "runtime/Aether.Persistence.Sentinels")]
    [InlineData("Aether.Persistence.Stores", "runtime/Aether.Persistence.Stores")]
    public void Namespaces_of_a_project_do_not_refer_to_each_other_in_a_circle(string assembly, string folder) =>
        Assert.Empty(InCircles(Read(assembly, folder)));

    private static IReadOnlyList<NamespaceReference> Read(string assembly, string folder) =>
        NamespaceReferences.Of(Assembly.Load(assembly), Path.Combine(Repository, folder));

    // A namespace that refers to no remaining namespace is in no circle, nor is a namespace to which none of them
    // refers.
    private static IReadOnlyList<NamespaceReference> InCircles(IReadOnlyList<NamespaceReference> references)
    {
        var left = references.Where(reference => references.Any(other => other.From == reference.To)
            && references.Any(other => other.To == reference.From)).ToList();
        return left.Count == references.Count ? left : InCircles(left);
    }
}
