using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Aether.Agent.Tests.Support;
using Aether.Client;

namespace Aether.Agent.Tests.Api;

public sealed partial class HealthTests : LocalAgentTests
{
    private HttpClient Health => Agent.Endpoints.Health;

    [Fact]
    public async Task A_serving_agent_is_ready()
    {
        var ready = await Health.GetAsync("readyz", Cancellation);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task No_state_is_served_on_the_address_other_pods_can_reach()
    {
        var state = await Health.GetAsync("v1/status", Cancellation);
        var commit = await Health.PostAsync("v1/commits", new StringContent("{}"), Cancellation);
        var call = await Health.PostAsync("aether.persistence.v1.World/Status", null, Cancellation);

        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound],
            [state.StatusCode, commit.StatusCode, call.StatusCode]);
    }

    [Fact]
    public async Task Metrics_are_in_the_text_format_and_show_the_state_of_the_world()
    {
        await Client.CommitAsync(new WorldCommit().Put(new("k", "1"), new byte[] { 1 }), Cancellation);

        var text = await Health.GetStringAsync("metrics", Cancellation);
        var samples = Parse(text);

        Assert.Equal(1, samples["aether_agent_sequence"]);
        Assert.Equal(1, samples["aether_wal_durable_sequence"]);
        Assert.Equal(1, samples["aether_agent_phase{phase=\"Running\"}"]);
        Assert.Equal(0, samples["aether_agent_phase{phase=\"Fenced\"}"]);
        Assert.Equal(1, samples["aether_agent_commit_seconds_count{durability=\"Fsync\"}"]);
    }

    [Fact]
    public async Task Unknown_value_is_absent_from_the_metrics()
    {
        var before = Parse(await Health.GetStringAsync("metrics", Cancellation));
        await Client.CommitAsync(new WorldCommit().Put(new("k", "1"), new byte[] { 1 }), Cancellation);
        await Client.SnapshotAsync(Cancellation);

        var after = Parse(await Health.GetStringAsync("metrics", Cancellation));

        Assert.DoesNotContain("aether_agent_rpo_seconds", after.Keys);
        Assert.DoesNotContain("aether_wal_replicated_sequence", after.Keys);
        Assert.DoesNotContain("aether_agent_snapshot_age_seconds", before.Keys);
        Assert.Contains("aether_agent_snapshot_age_seconds", after.Keys);
        Assert.DoesNotContain(before.Concat(after), sample => double.IsNaN(sample.Value));
    }

    [Fact]
    public async Task The_sync_is_timed_apart_from_the_write()
    {
        await Client.CommitAsync(new WorldCommit().Put(new("k", "1"), new byte[] { 1 }), Cancellation);

        var samples = Parse(await Health.GetStringAsync("metrics", Cancellation));

        Assert.Equal(samples["aether_wal_append_seconds_count"], samples["aether_wal_sync_seconds_count"]);
        Assert.True(samples["aether_wal_sync_seconds_sum"] > 0);
        Assert.True(samples["aether_wal_sync_seconds_sum"] <= samples["aether_wal_append_seconds_sum"]);
    }

    [Fact]
    public async Task Metrics_report_how_full_the_volume_is()
    {
        var samples = Parse(await Health.GetStringAsync("metrics", Cancellation));

        Assert.InRange(
            samples["aether_agent_volume_free_bytes"], 0, samples["aether_agent_volume_size_bytes"]);
        Assert.Equal(0, samples["aether_agent_diverged_tails"]);
    }

    private static Dictionary<string, double> Parse(string text)
    {
        var samples = new Dictionary<string, double>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Comment().IsMatch(line))
                continue;
            var match = Sample().Match(line);
            Assert.True(match.Success, $"'{line}' is no sample.");
            samples.Add(match.Groups["name"].Value, ParseValue(match.Groups["value"].Value));
        }

        return samples;
    }

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("^# (HELP|TYPE) ")]
    private static partial Regex Comment();

    [GeneratedRegex("""^(?<name>[a-z_][a-z0-9_]*(\{([a-z_]+="[^"]*",?)+\})?) (?<value>\S+)$""")]
    private static partial Regex Sample();
}
