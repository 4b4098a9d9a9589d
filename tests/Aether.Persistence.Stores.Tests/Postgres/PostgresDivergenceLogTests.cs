using Aether.Persistence.Recovery;
using Aether.Persistence.Stores.Postgres;
using Aether.Persistence.Stores.Tests.Servers;

namespace Aether.Persistence.Stores.Tests.Postgres;

public sealed class PostgresDivergenceLogTests(ServerSet servers)
{
    [Fact]
    public async Task A_tail_recorded_twice_counts_once_and_the_next_tail_has_a_higher_number()
    {
        var options = await PostgresWorlds.CreateAsync(servers);
        await using var world = new PostgresWorld(options);
        var log = new PostgresDivergenceLog(world);
        var tail = new DivergedTail
        {
            VolumeId = Guid.NewGuid(),
            Epoch = new Epoch(3),
            First = new Sequence(11),
            Last = new Sequence(13),
            Folder = "diverged/3-11",
            OvertakenBy = "world-1",
        };

        await log.RecordAsync(tail, TestContext.Current.CancellationToken);
        await log.RecordAsync(tail, TestContext.Current.CancellationToken);
        await log.RecordAsync(
            tail with { Folder = "diverged/3-12", First = new Sequence(12) }, TestContext.Current.CancellationToken);

        var folders = await servers.QueryAsync<string>(
            "SELECT string_agg(folder, ' ' ORDER BY number) "
            + $"FROM {ServerSet.Quote(options.Schema)}.diverged_tails");
        Assert.Equal("diverged/3-11 diverged/3-12", folders);
    }
}
