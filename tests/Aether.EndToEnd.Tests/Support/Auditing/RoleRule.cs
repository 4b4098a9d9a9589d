using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.EndToEnd.Tests.Support.Auditing;

/// <summary>One permission of a role: a verb on a resource.</summary>
internal sealed record RoleRule(string Group, string Resource, string Verb)
{
    /// <summary>All permissions of the operator's shipped roles.</summary>
    public static IReadOnlyList<RoleRule> OfOperator() =>
        [.. ManifestFile.ReadFolder(Clone.PathOf("config", "rbac"))
            .Where(manifest => ((string)manifest["metadata"]!["name"]!).StartsWith(
                "aether-operator", StringComparison.Ordinal))
            .SelectMany(manifest => manifest["rules"]?.AsArray() ?? [])
            .SelectMany(Expand).Distinct()];

    /// <summary>The permission that a request used.</summary>
    public static RoleRule TakenBy(AuditEntry entry) => new(entry.Group, entry.Resource, entry.Verb);

    private static IEnumerable<RoleRule> Expand(JsonNode? rule) =>
        from @group in Texts(rule!["apiGroups"])
        from resource in Texts(rule["resources"])
        from verb in Texts(rule["verbs"])
        select new RoleRule(@group, resource, verb);

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(item => (string)item!);
}
