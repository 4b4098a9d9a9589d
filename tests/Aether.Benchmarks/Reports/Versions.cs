using System.Reflection;
using System.Text.Json;
using Aether.Persistence.Runtime;

namespace Aether.Benchmarks.Reports;

/// <summary>Versions of our packages and of the peers.</summary>
internal static class Versions
{
    private static readonly string[] Peers =
    [
        "RocksDB", "Microsoft.FASTER.Core", "Microsoft.Data.Sqlite", "Npgsql", "Akka.Persistence.Sql", "Marten",
        "Microsoft.Orleans.Server", "StackExchange.Redis",
    ];

    public static IEnumerable<string> All() => Packages().Prepend($"aether {Ours()}");

    private static string? Ours() =>
        typeof(PersistenceRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion;

    // The build writes the resolved versions into this file; the assemblies' own versions are often coarser.
    private static IEnumerable<string> Packages()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "aether-benchmarks.deps.json");
        using var dependencies = JsonDocument.Parse(File.ReadAllText(file));
        var packages = dependencies.RootElement.GetProperty("libraries").EnumerateObject()
            .Select(library => library.Name.Split('/'))
            .ToDictionary(parts => parts[0], parts => parts[1]);
        return [.. Peers.Where(packages.ContainsKey).Select(peer => $"{peer} {packages[peer]}")];
    }
}
