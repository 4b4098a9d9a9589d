using Aether.Benchmarks.Families;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;

namespace Aether.Benchmarks.Tests;

[Trait("Kind", "Unit")]
public sealed class BenchmarkOptionsTests
{
    [Theory]
    [InlineData("log.fsync.64", "log.fsync.64")]
    [InlineData("log.fsync.*", "log.fsync.1 log.fsync.64 log.fsync.64.slowdisk")]
    [InlineData("replay.volume,socket.fsync.1", "socket.fsync.1 replay.volume")]
    [InlineData("operator.*", "operator.100 operator.1000 operator.5000 operator.churn")]
    public async Task A_name_selects_its_benchmark_and_a_star_selects_by_prefix(string names, string taken)
    {
        await using var servers = new BenchmarkServers();
        var options = BenchmarkOptions.Read(variable => variable == "NAME" ? names : null);

        var benchmarks = Catalog.Names(servers).Where(options.Takes);

        Assert.Equal(taken, string.Join(' ', benchmarks));
    }

    [Fact]
    public async Task Without_a_name_every_benchmark_runs_and_names_are_unique()
    {
        await using var servers = new BenchmarkServers();
        var options = BenchmarkOptions.Read(_ => "");

        var names = Catalog.Names(servers).Where(options.Takes).ToArray();

        Assert.Equal(18, names.Distinct().Count());
        Assert.Equal(names.Distinct(), names);
    }

    [Theory]
    [InlineData("RUNS", "0")]
    [InlineData("SECONDS", "-1")]
    [InlineData("PAYLOAD", "256,many")]
    [InlineData("WRITERS", "5000")]
    public void An_impossible_number_is_refused_with_its_name(string variable, string value)
    {
        var refusal = Assert.Throws<FormatException>(
            () => BenchmarkOptions.Read(name => name == variable ? value : null));

        Assert.Contains(variable, refusal.Message, StringComparison.Ordinal);
    }
}
