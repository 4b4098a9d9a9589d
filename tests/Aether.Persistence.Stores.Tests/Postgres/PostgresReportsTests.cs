using System.Text;
using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Postgres;

public sealed class PostgresReportsTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_report_of_each_pod_is_kept_for_a_day()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options);
        var (first, second) = (new PostgresReports(world, "economy-0"), new PostgresReports(world, "economy-1"));

        await second.SendAsync("past"u8.ToArray(), Cancellation);
        await servers.ExecuteAsync($"UPDATE {Table(options)} SET sent_at = sent_at - interval '25 hours'");
        for (var number = 1; number <= 3; number++)
            await first.SendAsync(Encoding.UTF8.GetBytes($"first {number}"), Cancellation);

        Assert.Equal("economy-0=first 3", await ReportsAsync(options));
        Assert.True(await servers.QueryAsync<bool>(
            $"SELECT max(abs(extract(epoch FROM clock_timestamp() - sent_at))) < 60 FROM {Table(options)}"));
    }

    [Fact]
    public async Task A_report_that_is_too_long_is_refused_and_later_reports_are_sent()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options);
        var reports = new PostgresReports(world, "economy-0");

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => reports.SendAsync(new byte[AgentReport.MaxBytes + 1], Cancellation));
        await reports.SendAsync(new byte[AgentReport.MaxBytes], Cancellation);

        Assert.Contains($"{AgentReport.MaxBytes + 1} bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_table_is_the_only_unlogged_table()
    {
        var options = await PostgresWorlds.CreateAsync(servers);

        var persistence = await servers.QueryAsync<string>(
            $"SELECT string_agg(relname, ' ') FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' "
            + $"AND relnamespace = '{ServerSet.Quote(options.Schema)}'::regnamespace");

        Assert.Equal(AetherNames.ReportTable, persistence);
    }

    private static string Table(PostgresConnectionOptions options) =>
        $"{ServerSet.Quote(options.Schema)}.{AetherNames.ReportTable}";

    private Task<string> ReportsAsync(PostgresConnectionOptions options) => servers.QueryAsync<string>(
        "SELECT string_agg(pod || '=' || convert_from(report, 'UTF8'), ' ' ORDER BY pod) FROM " + Table(options));
}
