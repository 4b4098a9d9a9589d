using System.Diagnostics;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Servers;

/// <summary>Two PostgreSQL under patroni with synchronous_mode, both named to the agent.</summary>
[Trait("Field", "F06")]
public sealed class PatroniTests(ITestOutputHelper output) : IAsyncLifetime
{
    // The time depends on the machine; docs/compatibility.md has the value for users.
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(60);

    private readonly PatroniCluster _cluster = new();
    private readonly FailoverWorld _world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _cluster.StartAsync(Cancellation);
        await _world.CreateAsync(_cluster.First.AdminConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Writers_continue_on_the_standby_that_patroni_promotes_and_no_acknowledged_commit_is_lost()
    {
        (string, string)[] hosts =
        [
            (AetherVariables.PostgresHosts,
                $"127.0.0.1:{_cluster.First.Port},127.0.0.1:{_cluster.Second.Port}"),
            (AetherVariables.PostgresTargetSession, "ReadWrite"),
        ];
        await _world.WriteAsync(hosts);
        await _world.UntilAcknowledgedAsync(200);

        var killed = Stopwatch.GetTimestamp();
        await _cluster.First.KillAsync();
        var acknowledged = _world.Acknowledged;
        var back = await _world.GoOnAsync(_cluster.Second.AdminConnectionString);
        var whole = Stopwatch.GetElapsedTime(killed);

        Assert.InRange(back, TimeSpan.Zero, BackWithin);
        Assert.True(_world.Acknowledged > acknowledged);
        await _world.CheckJournalAsync(hosts);
        output.WriteLine(
            $"{_world.Acknowledged} commits, none lost; {whole.TotalSeconds:0.0} s after the kill, "
            + $"{back.TotalSeconds:0.00} s after the new primary.");
    }
}
