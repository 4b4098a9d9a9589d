using System.Text.Json;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>One line of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="ResourceVersion">Where to go on from; empty for an error.</param>
/// <param name="Json">The object, or the status that tells the error.</param>
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

    /// <summary>The error that an error event tells.</summary>
    public ApiException ToException(string request)
    {
        var status = KubernetesJson.Deserialize<V1Status>(Json);
        return new ApiException($"WATCH {request}", (System.Net.HttpStatusCode)(status.Code ?? 500), status);
    }
}
