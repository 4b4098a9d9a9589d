using System.Diagnostics;
using System.Globalization;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.EndToEnd.Tests.Support.Auditing;
using Aether.EndToEnd.Tests.Support.Stores;
using Aether.TestServers;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Worlds without problems are read and never written to. In a separate cluster.</summary>
public sealed class IdleTests
{
    private const int Worlds = 20;
    private const int MostDisturbed = 3;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    // Commands that operator and test send when they connect, survey and disconnect, and the check of a backend's user
    // (ACL GETUSER). The inspection of a single world would also send GET.
    private static readonly string[] ReadingCommands =
    [
        "auth", "client|id", "client|setinfo", "client|setname", "cluster|nodes", "cluster|slots", "echo", "hello",
        "info", "ping", "quit", "select", "config|get", "mget", "acl|list", "acl|getuser",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_ready_worlds_cause_no_write_to_api_or_stores_for_a_minute()
    {
        await using var bed = await TestBed.StartAsync(
            new ClusterOptions
            {
                Postgres = new PostgresServerOptions { LogStatement = "all" },
                Operator = new OperatorOptions { DriftInterval = TimeSpan.FromSeconds(10) },
            },
            Stop);
        var @namespace = await bed.NewNamespaceAsync();
        var worlds = await Task.WhenAll(Enumerable.Range(0, Worlds).Select(number =>
            bed.ReadyWorldAsync("{}", @namespace, string.Create(CultureInfo.InvariantCulture, $"world-{number}"))));
        var statements = new StatementLog(bed);
        await SettledAsync(statements, worlds);
        var before = await Task.WhenAll(worlds.Select(world => world.ContentsAsync()));
        await using var streamChanges = await bed.Stores.Nats.SubscribeCoreAsync<string>(
            "$JS.EVENT.ADVISORY.STREAM.*.>", cancellationToken: Stop);
        int audited, logged, disturbed = 0;
        IReadOnlyList<string> redis;
        do
        {
            (audited, logged) = ((await bed.Audit.ReadAsync(Stop)).Count, (await statements.ReadAsync(Stop)).Count);
            redis = await RedisCommandsAsync(bed);
        }
        while (await MachineFrozeAsync(Idle) && ++disturbed < MostDisturbed);

        var requests = (await bed.Audit.ReadAsync(Stop)).Skip(audited).Where(entry => entry.User == AuditLog.Operator);
        var writes = requests.Where(entry => entry.IsWrite).ToList();
        Assert.NotEmpty(writes);
        Assert.All(writes, write => Assert.Equal(("update", "leases"), (write.Verb, write.Resource)));

        var seen = (await statements.ReadAsync(Stop)).Skip(logged).ToList();
        Assert.All(seen, statement => Assert.StartsWith("SELECT", statement));
        Assert.Contains(seen, IsSurvey);
        Assert.DoesNotContain(seen, statement => worlds.Any(world => IsAbout(statement, world)));

        var commands = (await RedisCommandsAsync(bed)).Except(redis)
            .Select(line => line["cmdstat_".Length..line.IndexOf(':', StringComparison.Ordinal)]);
        Assert.Empty(commands.Except(ReadingCommands));
        await bed.Stores.Nats.PingAsync(Stop);
        Assert.False(streamChanges.Msgs.TryRead(out var change), change.Subject);
        Assert.Equal(
            before.SelectMany(contents => contents.All),
            (await Task.WhenAll(worlds.Select(world => world.ContentsAsync()))).SelectMany(contents => contents.All));
    }

    // A new world is inspected again after its first survey.
    private static async Task SettledAsync(StatementLog statements, IReadOnlyList<TestWorld> worlds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        IEnumerable<string> quiet;
        do
        {
            await timer.WaitForNextTickAsync(Stop);
            quiet = (await statements.ReadAsync(Stop)).Reverse()
                .TakeWhile(statement => !worlds.Any(world => IsAbout(statement, world)));
        }
        while (quiet.Count(IsSurvey) < 3);
    }

    // A machine that freezes for seconds makes stores unreachable, which the operator rightly reports.
    private static async Task<bool> MachineFrozeAsync(TimeSpan duration)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        var (started, last, longest) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            await timer.WaitForNextTickAsync(Stop);
            var gap = Stopwatch.GetElapsedTime(last);
            (last, longest) = (Stopwatch.GetTimestamp(), gap > longest ? gap : longest);
        }

        return longest > Longest;
    }

    private static bool IsSurvey(string statement) => statement.Contains("WITH spaces", StringComparison.Ordinal);

    private static bool IsAbout(string statement, TestWorld world) =>
        statement.Contains(world.Names.Schema, StringComparison.Ordinal);

    // Name and number of calls of each command so far.
    private static async Task<IReadOnlyList<string>> RedisCommandsAsync(TestBed bed) =>
        [.. (await bed.Stores.RedisAsync("INFO", "commandstats")).ToString()
            .Split("\r\n").Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal))
            .Select(line => line.Split(',')[0])];
}
