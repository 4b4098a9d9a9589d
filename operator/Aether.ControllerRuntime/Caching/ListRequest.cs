using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Aether.ControllerRuntime;

/// <summary>Reads a collection page by page, all pages at the version of the first.</summary>
/// <remarks>The request sets no resourceVersion, so the answer holds every write acknowledged before it.</remarks>
internal sealed record ListRequest(string Path, string? LabelSelector, string? FieldSelector, int PageSize)
{
    public async IAsyncEnumerable<ListPage> ReadPagesAsync(
        ApiTransport transport, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var token = "";
        do
        {
            using var page = await transport.SendAsync<JsonDocument>(
                HttpMethod.Get, Path + Query(token), null, cancellationToken);
            var metadata = page.RootElement.GetProperty("metadata");
            token = metadata.TryGetProperty("continue", out var more) ? more.GetString() ?? "" : "";
            yield return new ListPage(
                metadata.GetProperty("resourceVersion").GetString() ?? "",
                [.. page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())]);
        }
        while (token.Length > 0);
    }

    /// <summary>The selectors as query parameters, each ending in an ampersand.</summary>
    public string Selectors()
    {
        var labels = LabelSelector is null ? "" : $"labelSelector={Uri.EscapeDataString(LabelSelector)}&";
        var fields = FieldSelector is null ? "" : $"fieldSelector={Uri.EscapeDataString(FieldSelector)}&";
        return labels + fields;
    }

    private string Query(string token)
    {
        var limit = PageSize.ToString(CultureInfo.InvariantCulture);
        var from = token.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(token)}";
        return $"?{Selectors()}limit={limit}{from}";
    }
}
