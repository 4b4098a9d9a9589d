using System.Text.Json;
using System.Text.Json.Serialization;
using Aether.Benchmarks.Harness;

namespace Aether.Benchmarks.Reports;

/// <summary>The result of one system for programs, one line each.</summary>
internal sealed record JsonLine(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("system")] string System,
    [property: JsonPropertyName("payload")] int Payload,
    [property: JsonPropertyName("writers")] int Writers,
    [property: JsonPropertyName("ops_s")] double OpsPerSecond,
    [property: JsonPropertyName("ops_s_min")] double Slowest,
    [property: JsonPropertyName("ops_s_max")] double Fastest,
    [property: JsonPropertyName("p50_us")] double P50,
    [property: JsonPropertyName("p99_us")] double P99,
    [property: JsonPropertyName("resident_mib")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    double? ResidentMiB)
{
    public static string Of(Benchmark benchmark, int payload, int writers, Result result) =>
        JsonSerializer.Serialize(new JsonLine(
            benchmark.Name,
            result.System,
            payload,
            writers,
            Math.Round(result.OpsPerSecond, 1),
            Math.Round(result.Slowest, 1),
            Math.Round(result.Fastest, 1),
            Math.Round(result.P50, 1),
            Math.Round(result.P99, 1),
            result.ResidentMiB is { } resident ? Math.Round(resident, 1) : null));
}
