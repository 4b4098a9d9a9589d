using System.Text.Json.Nodes;

namespace Aether.EndToEnd.Tests.Support.Auditing;

/// <summary>A request that the API server has answered.</summary>
internal sealed record AuditEntry(
    string User, string Verb, string Group, string Resource, string Namespace, string Name, int Code, string Uri)
{
    private static readonly HashSet<string> WriteVerbs =
        ["create", "update", "patch", "delete", "deletecollection"];

    /// <summary>Whether the request changes anything.</summary>
    public bool IsWrite => WriteVerbs.Contains(Verb);

    /// <summary>Reads a line of the audit log.</summary>
    public static AuditEntry Parse(string line)
    {
        var entry = JsonNode.Parse(line)!;
        var about = entry["objectRef"];
        var resource = Text(about, "resource");
        return new AuditEntry(
            Text(entry["user"], "username"),
            Text(entry, "verb"),
            Text(about, "apiGroup"),
            Text(about, "subresource") is { Length: > 0 } subresource ? $"{resource}/{subresource}" : resource,
            Text(about, "namespace"),
            Text(about, "name"),
            (int?)entry["responseStatus"]?["code"] ?? 0,
            Text(entry, "requestURI"));
    }

    private static string Text(JsonNode? parent, string name) => (string?)parent?[name] ?? "";
}
