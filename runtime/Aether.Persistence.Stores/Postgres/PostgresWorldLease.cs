using Aether.Persistence.Lease;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>
/// The lease in the world's row. Opening is one compare-and-set statement under the row's lock, so exactly one of many
/// openers wins, and only the server's clock counts. If the outcome of an opening stays unknown, the lease may be held
/// until it expires; the next attempt then waits for it.
/// </summary>
/// <remarks>
/// The statement names the epoch that was read before it. The server may run a statement long after its client gave it
/// up. By then the same agent may have opened the world again, with the same volume, and the late statement must not
/// take the world from that opening.
/// </remarks>
public sealed class PostgresWorldLease(PostgresWorld world) : IWorldLease
{
    private readonly string _acquire =
        $"""
        WITH taken AS (
          UPDATE {world.Tables.World}
          SET epoch = greatest(epoch, $4) + 1, holder = $1, volume_id = $2, lease_expires_at = clock_timestamp() + $3
          WHERE epoch = $5 AND (lease_expires_at <= clock_timestamp() OR volume_id = $2)
          RETURNING epoch
        )
        INSERT INTO {world.Tables.Epochs} (epoch, holder, volume_id, opened_at)
        SELECT epoch, $1, $2, clock_timestamp() FROM taken
        RETURNING epoch, opened_at
        """;

    private readonly string _holder =
        $"""
        SELECT epoch, holder, greatest(lease_expires_at, clock_timestamp()) - clock_timestamp()
        FROM {world.Tables.World}
        """;

    private readonly PostgresRenewal _renewal = new(world.Tables);

    private readonly string _release =
        $"UPDATE {world.Tables.World} SET lease_expires_at = '-infinity' WHERE epoch = $1";

    private readonly string _history =
        $"SELECT epoch, holder, volume_id, opened_at FROM {world.Tables.Epochs} WHERE epoch > $1 ORDER BY epoch";

    /// <inheritdoc />
    public Task<LeaseAttempt> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        world.RunAsync(connection => TryAcquireAsync(connection, request, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task RenewAsync(Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        world.Renewal = world.RunAsync(
            async connection =>
            {
                if (!await _renewal.TryAsync(connection, epoch, timeToLive, cancellationToken))
                    await ConfirmAsync(connection, epoch, cancellationToken);
                return epoch;
            },
            cancellationToken);

    /// <inheritdoc />
    public Task ConfirmAsync(Epoch epoch, CancellationToken cancellationToken) => world.RunAsync(
        connection => ConfirmAsync(connection, epoch, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task ReleaseAsync(Epoch epoch, CancellationToken cancellationToken) => world.RunAsync(
        async connection =>
        {
            await using var command = new PostgresStatement(_release, connection);
            command.Parameters.AddValue(epoch.ToBigint());
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<EpochRecord>> ReadEpochsAfterAsync(
        Epoch epoch, CancellationToken cancellationToken)
    {
        var records = new List<EpochRecord>();
        var rows = world.ReadAsync(
            _history,
            parameters => parameters.AddValue(epoch.ToBigint()),
            reader => Task.FromResult(new EpochRecord(
                reader.GetFieldValue<long>(0).ToEpoch(),
                reader.GetString(1),
                reader.GetGuid(2),
                new DateTimeOffset(reader.GetDateTime(3)))),
            cancellationToken);
        await foreach (var record in rows)
            records.Add(record);
        return records;
    }

    private async Task<PostgresEpoch> ConfirmAsync(
        NpgsqlConnection connection, Epoch epoch, CancellationToken cancellationToken)
    {
        var current = await PostgresEpoch.ReadAsync(connection, world.Tables, cancellationToken);
        return current.Epoch == epoch ? current : throw current.Fences(epoch);
    }

    private async Task<LeaseAttempt> TryAcquireAsync(
        NpgsqlConnection connection, LeaseRequest request, CancellationToken cancellationToken)
    {
        var found = await ReadHolderAsync(connection, cancellationToken);
        await using (var acquire = new PostgresStatement(_acquire, connection))
        {
            acquire.Parameters.AddValue(request.Holder);
            acquire.Parameters.AddValue(request.VolumeId);
            acquire.Parameters.AddValue(request.TimeToLive);
            acquire.Parameters.AddValue(request.Above.ToBigint());
            acquire.Parameters.AddValue(found.Epoch.ToBigint());
            await using var taken = await acquire.ExecuteReaderAsync(cancellationToken);
            if (await taken.ReadAsync(cancellationToken))
            {
                var epoch = taken.GetFieldValue<long>(0).ToEpoch();
                world.Opening = new PostgresOpening(epoch, request.Holder, request.VolumeId);
                return LeaseAttempt.Taken(
                    epoch,
                    request.Holder,
                    request.TimeToLive,
                    new DateTimeOffset(taken.GetDateTime(1)));
            }
        }

        return await ReadHolderAsync(connection, cancellationToken);
    }

    private async Task<LeaseAttempt> ReadHolderAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var holder = new PostgresStatement(_holder, connection);
        await using var reader = await holder.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? LeaseAttempt.HeldBy(
                reader.GetFieldValue<long>(0).ToEpoch(), reader.GetString(1), reader.GetFieldValue<TimeSpan>(2))
            : throw PostgresEpoch.Missing();
    }
}
