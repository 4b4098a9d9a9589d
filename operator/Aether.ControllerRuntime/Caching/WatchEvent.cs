using System.Text.Json;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>One line of a watch.</summary>
/// <param name="Type">The type of event.</param>
/// <param name="ResourceVersion">The version to resume from; empty for an error.</param>
/// <param name="Json">The object; for an error, the status.</param>
internal sealed record WatchEvent(WatchEventType Type, string ResourceVersion, string Json)
{
    public static WatchEvent Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var body = document.RootElement.GetProperty("object");
        var type = document.RootElement.GetProperty("type").GetString() switch
        {
            "ADDED" => WatchEventType.Added,
            "MODIFIED" => WatchEventType.Modified,
            "DELETED" => WatchEventType.Deleted,
            "BOOKMARK" => WatchEventType.Bookmark,
            "ERROR" => WatchEventType.Error,
            var other => throw new JsonException($"A watch has no event type '{other}'."),
        };
        var version = type == WatchEventType.Error
            ? ""
            : body.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        return new WatchEvent(type, version ?? "", body.GetRawText());
    }

    /// <summary>The exception for an error event.</summary>
    public ApiException ToException(string request)
    {
        var status = KubernetesJson.Deserialize<V1Status>(Json);
        return new ApiException($"WATCH {request}", (System.Net.HttpStatusCode)(status.Code ?? 500), status);
    }
}
