using System.Text.Json.Nodes;
using Aether.Persistence.Contracts;
using k8s;

namespace Aether.DevCluster.Api;

/// <summary>The table that <c>kubectl get wp</c> prints, requested in the same way.</summary>
internal static class WorldTable
{
    private const string Accept = "application/json;as=Table;v=v1;g=meta.k8s.io";

    /// <summary>The lines of the table, heading first.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(
        Kubernetes client, string @namespace, CancellationToken cancellationToken)
    {
        var path = $"/apis/{AetherNames.Group}/v1alpha1/namespaces/{@namespace}/worldpersistences";
        var table = await client.GetAsync(path, cancellationToken, Accept);
        var columns = table["columnDefinitions"]!.AsArray();
        var shown = Enumerable.Range(0, columns.Count)
            .Where(index => columns[index]!["priority"]?.GetValue<int>() is null or 0).ToList();
        var heading = shown.Select(index => columns[index]!["name"]!.GetValue<string>().ToUpperInvariant());
        var rows = (table["rows"]?.AsArray() ?? [])
            .Select(row => shown.Select(index => Text(row!["cells"]![index])));
        return Align([heading.ToArray(), .. rows.Select(row => row.ToArray())]);
    }

    private static string Text(JsonNode? cell) => cell is null ? "" : cell.ToString();

    private static List<string> Align(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length)
            .Select(column => rows.Max(row => row[column].Length) + 3).ToArray();
        return [.. rows.Select(row =>
            string.Concat(row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd())];
    }
}
