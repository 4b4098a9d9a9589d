using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aether.DevCluster.Api;

/// <summary>The API server refused a request.</summary>
/// <param name="status">Status code of the answer.</param>
/// <param name="request">The request.</param>
/// <param name="body">Text of the answer.</param>
internal sealed class ApiException(HttpStatusCode status, string request, string body)
    : Exception($"{request}: {(int)status} {Explain(body)}")
{
    /// <summary>Status code of the answer.</summary>
    public HttpStatusCode Status { get; } = status;

    private static string Explain(string body)
    {
        try
        {
            return JsonNode.Parse(body)?["message"]?.GetValue<string>() ?? body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
