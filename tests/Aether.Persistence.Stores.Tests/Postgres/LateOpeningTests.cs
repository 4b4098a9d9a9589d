using Aether.Persistence.Lease;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Postgres;

/// <summary>A statement that opens a world and that the server runs after its agent has given it up.</summary>
public sealed class LateOpeningTests(ServerSet servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_opening_does_not_fence_a_newer_opening_of_the_same_volume()
    {
        await using var world = await PostgresWorlds.OpenAsync(servers);
        var lease = new PostgresWorldLease(world);
        var request = new LeaseRequest("agent", Guid.NewGuid(), TimeSpan.FromMinutes(1));
        var former = await lease.TryAcquireAsync(request, Cancellation);
        await using var newer = await servers.Admin.OpenConnectionAsync(Cancellation);
        await using var transaction = await newer.BeginTransactionAsync(Cancellation);
        await OpenAsync(newer, world, request);

        var late = lease.TryAcquireAsync(request, Cancellation);
        while (await CountBlockedAsync(world) == 0)
            Assert.False(late.IsCompleted, "The late opening does not wait for the newer one.");
        await transaction.CommitAsync(Cancellation);

        Assert.False((await late).Acquired);
        await lease.ConfirmAsync(new Epoch(former.Epoch.Value + 1), Cancellation);
    }

    private static async Task OpenAsync(NpgsqlConnection connection, PostgresWorld world, LeaseRequest request)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"UPDATE {world.Tables.World} SET epoch = epoch + 1, lease_expires_at = clock_timestamp() + $1";
        command.Parameters.Add(new NpgsqlParameter { Value = request.TimeToLive });
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
    }

    private Task<long> CountBlockedAsync(PostgresWorld world) => servers.QueryAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0 "
        + $"AND usename = '{world.Options.Username}'");
}
