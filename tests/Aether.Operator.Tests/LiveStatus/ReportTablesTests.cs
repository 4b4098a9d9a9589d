using System.Text;
using Aether.Operator.LiveStatus;
using Npgsql;
using static Aether.Operator.Provisioning.Postgres.SqlText;

namespace Aether.Operator.Tests.LiveStatus;

/// <summary>Reads of the report tables, which worlds may fill with anything.</summary>
public sealed class ReportTablesTests(Servers servers) : IAsyncLifetime
{
    private readonly string _test = $"r{Guid.NewGuid():N}"[..12];
    private NpgsqlDataSource _admin = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _admin = NpgsqlDataSource.Create((await servers.PostgresAsync()).AdminConnectionString);

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    [Fact]
    public async Task Reports_of_more_schemas_than_a_statement_takes_are_all_read_and_missing_ones_hide_none()
    {
        var schemas = Enumerable.Range(0, ReportTables.MostSchemas + 5).Select(Name).ToList();
        foreach (var schema in schemas.Skip(1))
            await MakeAsync(schema, "pod", "clock_timestamp() - interval '7 seconds'");

        var rows = await ReadAsync([.. schemas, Name(9999)]);

        Assert.Equal(schemas.Skip(1).Order(), rows.Select(row => row.Schema).Order());
        Assert.All(rows, row => Assert.InRange(row.Age.TotalSeconds, 7, 60));
        Assert.All(rows, row => Assert.Equal("report of pod", Encoding.UTF8.GetString(row.Report)));
    }

    [Theory]
    [InlineData("'infinity'")]
    [InlineData("'-infinity'")]
    [InlineData("'294276-12-31 23:59:59+00'")]
    [InlineData("'4713-01-01 00:00:00+00 BC'")]
    [InlineData("clock_timestamp() - interval '25 hours'")]
    public async Task Report_with_an_impossible_time_is_skipped_and_hides_no_other(string time)
    {
        var (odd, sound) = (Name(1), Name(2));
        await MakeAsync(odd, "odd", time);
        await MakeAsync(odd, "own", "clock_timestamp()");
        await MakeAsync(sound, "sound", "clock_timestamp()");

        var rows = await ReadAsync([odd, sound]);

        Assert.Equal(["own", "sound"], rows.Select(row => row.Pod).Order());
    }

    [Fact]
    public async Task Only_the_newest_reports_of_a_world_with_invented_pods_are_read()
    {
        for (var number = 0; number < 30; number++)
            await MakeAsync(Name(1), $"pod-{number}", $"clock_timestamp() - interval '{number} seconds'");

        var rows = await ReadAsync([Name(1)]);

        Assert.Equal(Enumerable.Range(0, 8).Select(number => $"pod-{number}"), rows.Select(row => row.Pod));
    }

    [Fact]
    public async Task Report_from_the_future_counts_as_current()
    {
        await MakeAsync(Name(1), "early", "clock_timestamp() + interval '10 minutes'");

        Assert.Equal(TimeSpan.Zero, Assert.Single(await ReadAsync([Name(1)])).Age);
    }

    private string Name(int number) => $"{_test} {number}";

    private async Task MakeAsync(string schema, string pod, string time)
    {
        var name = Identifier(schema);
        await using var command = _admin.CreateCommand($"""
            CREATE SCHEMA IF NOT EXISTS {name};
            CREATE UNLOGGED TABLE IF NOT EXISTS {name}.agent_reports (
              pod text PRIMARY KEY, sent_at timestamptz NOT NULL, report bytea NOT NULL);
            INSERT INTO {name}.agent_reports VALUES ('{pod}', {time}, 'report of {pod}');
            """);
        await command.ExecuteNonQueryAsync(Stop);
    }

    private async Task<List<ReportRow>> ReadAsync(IReadOnlyCollection<string> schemas)
    {
        var rows = new List<ReportRow>();
        await foreach (var row in new ReportTables(_admin).ReadAsync(schemas, Stop))
            rows.Add(row);
        return rows;
    }
}
