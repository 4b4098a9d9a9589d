using System.Text.Json;
using System.Xml.Linq;

namespace Aether.Architecture.Tests;

/// <summary>
/// References between projects, from their project files and lock files. A compiled assembly names only what its code
/// uses, so it would hide an unused reference, which still ships with every program.
/// </summary>
internal static class ProjectGraph
{
    private static readonly string[] Shipped = ["runtime", "operator"];

    /// <summary>Names of the shipped projects.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Shipped
        .SelectMany(folder => Directory.EnumerateFiles(
            Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
        .Select(file => Path.GetFileNameWithoutExtension(file))
        .Order(StringComparer.Ordinal)];

    /// <summary>The projects that a project refers to, directly or through others.</summary>
    public static IReadOnlySet<string> ProjectsOf(string project)
    {
        var found = new HashSet<string>();
        foreach (var reference in DirectProjectsOf(project))
        {
            found.Add(reference);
            found.UnionWith(ProjectsOf(reference));
        }

        return found;
    }

    /// <summary>The projects that a project file names.</summary>
    public static IEnumerable<string> DirectProjectsOf(string project) => XDocument.Load(FileOf(project, "*.csproj"))
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

    /// <summary>The packages that a project restores for its code, directly or through others.</summary>
    public static IReadOnlySet<string> PackagesOf(string project)
    {
        using var locked = JsonDocument.Parse(File.ReadAllText(FileOf(project, "packages.lock.json")));
        return locked.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => package.Name)
            .ToHashSet();
    }

    private static string FileOf(string project, string pattern) => Assert.Single(Shipped
        .Select(folder => Repository.PathOf(folder, project))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern)));
}
