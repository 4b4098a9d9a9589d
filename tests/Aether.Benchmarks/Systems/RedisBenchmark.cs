using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.TestServers.Processes;

namespace Aether.Benchmarks.Systems;

/// <summary>
/// Redis with appendfsync always under its own load generator, which is written in C: one connection, with as many
/// pending SETs as the benchmark has writers.
/// </summary>
internal sealed class RedisBenchmark(BenchmarkServers servers) : IContestant
{
    // Enough for the measured time at this speed; the tool accepts a number of requests, not a time.
    private const int GuessedPerSecond = 150_000;

    public string System => "redis-benchmark";

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        var redis = await servers.RedisAsync();
        await redis.EmptyAsync();
        var lines = await ProcessHost.RunAsync(
            new ProcessSpec
            {
                Name = "redis-benchmark",
                FileName = Binary.Find("redis-benchmark", "redis-tools"),
                WorkingDirectory = trial.Folder,
                LogDirectory = trial.Folder,
                Arguments =
                [
                    "-h", redis.Server.Host,
                    "-p", Text(redis.Server.Port),
                    "-a", redis.Server.AdminPassword,
                    "-t", "set",
                    "-c", "1",
                    "-P", Text(trial.Workload.Writers),
                    "-d", Text(trial.Workload.Payload),
                    "-r", Text(Workload.Ids),
                    "-n", Text((int)(GuessedPerSecond * trial.Measured.TotalSeconds)),
                    "--csv",
                ],
            },
            CancellationToken.None);

        // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms",...
        var fields = lines.Last(line => line.StartsWith("\"SET\"", StringComparison.Ordinal))
            .Split(',')
            .Skip(1)
            .Select(field => double.Parse(field.Trim('"'), CultureInfo.InvariantCulture))
            .ToArray();
        return new Measurement { OpsPerSecond = fields[0], P50 = fields[3] * 1000, P99 = fields[5] * 1000 };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
