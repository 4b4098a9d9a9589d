using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aether.DevCluster.Api;

/// <summary>The API server refused a request.</summary>
/// <param name="status">Its answer's code.</param>
/// <param name="request">What was asked.</param>
/// <param name="body">Its answer's text.</param>
internal sealed class ApiException(HttpStatusCode status, string request, string body)
    : Exception($"{request}: {(int)status} {Explain(body)}")
{
    /// <summary>Its answer's code.</summary>
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
