using System.Diagnostics;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Npgsql;

namespace Aether.Agent.Tests.Servers;

/// <summary>A PostgreSQL that is killed under load, while the test promotes its streaming standby at once.</summary>
[Trait("Field", "F06")]
public sealed class PostgresFailoverTests(ITestOutputHelper output) : IAsyncLifetime
{
    // The time depends on the machine; docs/compatibility.md has the value for users.
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(60);

    private readonly PostgresServer _primary = new();
    private readonly FailoverWorld _world = new();
    private PostgresServer _standby = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private (string, string) Hosts =>
        (AetherVariables.PostgresHosts, $"127.0.0.1:{_primary.Port},127.0.0.1:{_standby.Port}");

    public async ValueTask InitializeAsync()
    {
        await _primary.StartAsync(Cancellation);
        _standby = new PostgresServer(new PostgresServerOptions { StandbyOf = _primary });
        await _standby.StartAsync(Cancellation);
        await _world.CreateAsync(_primary.AdminConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _standby.DisposeAsync();
        await _primary.DisposeAsync();
    }

    [Fact]
    public async Task Writers_continue_on_the_promoted_synchronous_standby_and_no_acknowledged_commit_is_lost()
    {
        await WaitForStandbyAsync();
        await _world.WriteAsync(Hosts);

        var back = await FailOverAsync(() => { });

        Assert.InRange(back, TimeSpan.Zero, BackWithin);
        await _world.CheckJournalAsync(Hosts);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task Writers_continue_through_a_PgBouncer_that_leads_to_the_promoted_standby(string mode)
    {
        await WaitForStandbyAsync();
        await using var address = new CuttingProxy(_primary.Port);
        await using var pooler = new PgBouncerServer(_primary, mode, "server_login_retry = 1")
        {
            ServerPort = address.Port,
        };
        await pooler.StartAsync(Cancellation);
        (string, string) throughPooler = (AetherVariables.PostgresPort, $"{pooler.Port}");
        await _world.WriteAsync(throughPooler);

        var back = await FailOverAsync(() => address.Lead(_standby.Port));

        Assert.InRange(back, TimeSpan.Zero, BackWithin);
        await _world.CheckJournalAsync(throughPooler);
    }

    [Fact]
    [Trait("Field", "F26")]
    public async Task Commits_that_an_asynchronous_standby_never_got_are_shipped_again_from_the_volume()
    {
        await _world.WriteAsync(Hosts);
        await _world.UntilAcknowledgedAsync(100);
        await _standby.StopAsync();
        await _world.UntilAcknowledgedAsync(200);

        await _primary.KillAsync();
        var acknowledged = _world.Acknowledged;
        await _standby.StartAsync(Cancellation);
        var held = await CommitsInAsync(_standby);
        await PromoteAsync();
        var promoted = Stopwatch.GetTimestamp();
        var exitCode = await _world.Agent.Process.Exited.WaitAsync(BackWithin, TimeProvider.System, Cancellation);
        var said = string.Join('\n', _world.Agent.Process.NewestLines());
        await _world.WriteAsync(Hosts);
        await _world.UntilAcknowledgedAsync(2 * FailoverWorld.Writers);
        var back = Stopwatch.GetElapsedTime(promoted);

        Assert.InRange(held, 1, acknowledged - 1);
        Assert.Equal((int)ExitCode.WalFailed, exitCode);
        Assert.Contains(
            $"The journal ends at commit {held}, although it had acknowledged", said, StringComparison.Ordinal);
        await _world.CheckJournalAsync(Hosts);
        output.WriteLine(
            $"{acknowledged} acknowledged, of which the standby had {held}; none lost with the volume; "
            + $"{back.TotalSeconds:0.0} s after the new primary.");
    }

    private async Task<TimeSpan> FailOverAsync(Action leadToStandby)
    {
        await _world.UntilAcknowledgedAsync(200);
        var killed = Stopwatch.GetTimestamp();
        await _primary.KillAsync();
        var acknowledged = _world.Acknowledged;
        await PromoteAsync();
        leadToStandby();
        var back = await _world.GoOnAsync(_standby.AdminConnectionString);

        Assert.True(_world.Acknowledged > acknowledged);
        output.WriteLine(
            $"{_world.Acknowledged} commits; {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill, "
            + $"{back.TotalSeconds:0.00} s after the new primary.");
        return back;
    }

    // Not by an option of the server: after its promotion, the standby's own copy would then wait for another standby.
    private async Task WaitForStandbyAsync()
    {
        await using var admin = NpgsqlDataSource.Create(_primary.AdminConnectionString);
        await ExecuteAsync(admin, "ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync(admin, "SELECT pg_reload_conf()");
        await using var synchronous = admin.CreateCommand(
            "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')");
        while (await synchronous.ExecuteScalarAsync(Cancellation) is not true)
            Cancellation.ThrowIfCancellationRequested();
    }

    private async Task PromoteAsync()
    {
        await using var admin = NpgsqlDataSource.Create(_standby.AdminConnectionString);
        await ExecuteAsync(admin, "SELECT pg_promote()");
    }

    private static async Task<long> CommitsInAsync(PostgresServer server)
    {
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await using var schema = admin.CreateCommand(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'journal_blocks'");
        await using var last = admin.CreateCommand(
            $"SELECT max(last_sequence) FROM \"{await schema.ExecuteScalarAsync(Cancellation)}\".journal_blocks");
        return (long)(await last.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
