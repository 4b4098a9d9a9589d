using Aether.TestServers;
using Npgsql;

namespace Aether.Benchmarks.Fleet;

/// <summary>What PostgreSQL has done for leases up to a moment.</summary>
internal sealed record LeaseFleetSample(long Syncs, long Logins, long WalBytes, TimeSpan Processor)
{
    public static LeaseFleetSample operator -(LeaseFleetSample later, LeaseFleetSample earlier) => new(
        later.Syncs - earlier.Syncs,
        later.Logins - earlier.Logins,
        later.WalBytes - earlier.WalBytes,
        later.Processor - earlier.Processor);

    public static async Task<LeaseFleetSample> ReadAsync(PostgresServer server, NpgsqlDataSource admin)
    {
        var syncs = await QueryAsync<int>(admin, "SELECT current_setting('server_version_num')::int") < 180_000
            ? "SELECT wal_sync FROM pg_stat_wal"
            : "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'";
        return new LeaseFleetSample(
            await QueryAsync<long>(admin, syncs),
            await QueryAsync<long>(admin, "SELECT sum(sessions)::bigint FROM pg_stat_database"),
            await QueryAsync<long>(admin, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"),
            FleetMeter.ProcessorTime(server.Process!.Id));
    }

    /// <summary>Sessions of the worlds.</summary>
    public static Task<long> CountSessionsAsync(NpgsqlDataSource admin) =>
        QueryAsync<long>(admin, "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'world\\_%'");

    private static async Task<T> QueryAsync<T>(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
