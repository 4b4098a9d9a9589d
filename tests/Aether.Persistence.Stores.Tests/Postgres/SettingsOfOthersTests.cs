using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Npgsql;
using static Aether.Persistence.Conformance.TestBlocks;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>Settings of the role or the database, which the agent cannot control.</summary>
[Trait("Field", "F22")]
public sealed class SettingsOfOthersTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transactions_set_every_setting_they_rely_on_whatever_the_role_has()
    {
        await using var world = await OpenAsync(
            "synchronous_commit = off", "client_min_messages = error", "search_path = public, pg_catalog",
            "statement_timeout = '1min'", "lock_timeout = '1min'", "idle_in_transaction_session_timeout = '1ms'",
            "default_transaction_isolation = serializable");

        Assert.Equal(
            "on|warning|pg_catalog, pg_temp|0|0|15s|read committed",
            await ReadAsync(
                world, "synchronous_commit", "client_min_messages", "search_path", "statement_timeout",
                "lock_timeout", "idle_in_transaction_session_timeout", "transaction_isolation"));
    }

    [Theory]
    [InlineData("local", "on")]
    [InlineData("remote_write", "on")]
    [InlineData("on", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task A_commit_waits_for_the_disk_and_for_more_if_the_role_asks_for_it(
        string level, string expected)
    {
        await using var world = await OpenAsync($"synchronous_commit = {level}");

        Assert.Equal(expected, await ReadAsync(world, "synchronous_commit"));
    }

    [Fact]
    public async Task An_append_waits_for_a_lock_longer_than_the_roles_own_timeout()
    {
        await using var world = await OpenAsync("lock_timeout = '1ms'");
        var epoch = await AcquireAsync(world);
        await using var locker = await servers.Admin.OpenConnectionAsync(Cancellation);
        await using var transaction = await locker.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand(
            $"SELECT FROM {ServerSet.Quote(world.Options.Schema)}.world FOR UPDATE", locker, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);

        var append = new PostgresJournal(world).AppendAsync(epoch, [Block(1, 1)], Cancellation);
        while (await servers.QueryAsync<long>($"""
            SELECT count(*) FROM pg_stat_activity
            WHERE usename = '{world.Options.Username}' AND wait_event_type = 'Lock'
            """) == 0)
            Assert.False(append.IsFaulted, append.Exception?.Message);
        await transaction.RollbackAsync(Cancellation);

        await append;
    }

    [Fact]
    public async Task Partitions_are_created_and_dropped_whatever_string_and_name_syntax_the_role_sets()
    {
        await using var world = await OpenAsync(
            "standard_conforming_strings = off", "backslash_quote = on", "quote_all_identifiers = on",
            "bytea_output = escape", "DateStyle = 'SQL, DMY'", "IntervalStyle = iso_8601", "extra_float_digits = 0");
        var epoch = await AcquireAsync(world);
        var journal = new PostgresJournal(world);

        await journal.AppendAsync(epoch, [Block(1, 200_000)], Cancellation);
        await journal.TruncateThroughAsync(epoch, new Sequence(200_000), Cancellation);

        AssertSame([Block(1, 200_000)], await CollectAsync(journal.ReadAfterAsync(Sequence.None, Cancellation)));
    }

    [Fact]
    public async Task Lease_and_journal_do_not_conflict_under_a_role_that_asks_for_serializable()
    {
        await using var world = await OpenAsync("default_transaction_isolation = serializable");
        var epoch = await AcquireAsync(world);

        await Task.WhenAll(
            Repeat(i => new PostgresJournal(world).AppendAsync(epoch, [Block(i, i)], Cancellation)),
            Repeat(_ => new PostgresWorldLease(world).RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation)));
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task A_statement_that_another_client_prepared_stops_only_the_use_of_prepared_statements()
    {
        await using var world = await OpenAsync();
        var lease = new PostgresWorldLease(world);
        var epoch = await AcquireAsync(world);
        await world.RunAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    DO $$ BEGIN
                      FOR i IN 0..64 LOOP
                        IF NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = '_auto' || i) THEN
                          EXECUTE format('PREPARE _auto%s AS SELECT 1', i);
                        END IF;
                      END LOOP;
                    END $$
                    """,
                    connection);
                return await command.ExecuteNonQueryAsync(Cancellation);
            },
            Cancellation);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => Repeat(_ => lease.RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation)));
        await Repeat(_ => lease.RenewAsync(epoch, TimeSpan.FromMinutes(1), Cancellation));

        Assert.Contains("42P05", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("spec.postgres.preparedStatements", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F26")]
    public async Task A_role_without_a_free_connection_gets_an_error_with_the_limit_to_raise()
    {
        await using var world = await OpenAsync();
        await servers.ExecuteAsync(
            $"ALTER ROLE {ServerSet.Quote(world.Options.Username)} CONNECTION LIMIT 0");

        var status = await new PostgresHealth(world).CheckAsync(Cancellation);

        Assert.Contains("53300", status.Message, StringComparison.Ordinal);
        Assert.Contains("max_connections", status.Message, StringComparison.Ordinal);
    }

    private static async Task Repeat(Func<ulong, Task> action)
    {
        for (var i = 1UL; i <= 50; i++)
            await action(i);
    }

    private async Task<PostgresWorld> OpenAsync(params string[] settings)
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        foreach (var setting in settings)
            await servers.ExecuteAsync($"ALTER ROLE {ServerSet.Quote(options.Username)} SET {setting}");
        return new PostgresWorld(options);
    }

    private static Task<string> ReadAsync(PostgresWorld world, params string[] settings) => world.RunAsync(
        async connection =>
        {
            var columns = string.Join(" || '|' || ", settings.Select(name => $"current_setting('{name}')"));
            await using var statement = new PostgresStatement($"SELECT {columns}", connection);
            return (string)(await statement.ExecuteScalarAsync(Cancellation))!;
        },
        Cancellation);

    private static async Task<Epoch> AcquireAsync(PostgresWorld world)
    {
        var request = new LeaseRequest("writer", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        return (await new PostgresWorldLease(world).TryAcquireAsync(request, Cancellation)).Epoch;
    }
}
