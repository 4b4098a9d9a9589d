using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Operator.Reconciling;
using Aether.Operator.Tests.LiveStatus;
using Aether.Persistence.Contracts;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using NATS.Client.Core;
using Npgsql;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>When a world's credentials are rotated, with both in its Secret until the end.</summary>
[Trait("Field", "F05")]
public sealed class CredentialRotationTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static readonly string[] NextPasswords =
        [AetherVariables.PostgresNextPassword, AetherVariables.RedisNextPassword];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credentials_are_replaced_on_demand_once_the_agent_has_both()
    {
        var world = await cluster.WaitReadyAsync(
            await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", "{}"));
        var before = await SettingsAsync(world);

        await cluster.PatchWorldAsync(
            world, $$$$"""{"metadata":{"annotations":{"{{{{OperatorNames.RotateAnnotation}}}}":"1"}}}""");
        var both = await SettingsAsync(world, settings => settings.ContainsKey(AetherVariables.PostgresNextPassword));
        var oldStillWorks = await CanLogInAsync(both, AetherVariables.PostgresPassword);
        await using var reporting = await ReportAsync(world, both[AetherVariables.CredentialsRevision]);
        var after = await SettingsAsync(world, settings => !settings.ContainsKey(AetherVariables.PostgresNextPassword));

        Assert.True(oldStillWorks);
        Assert.Equal(before[AetherVariables.PostgresPassword], both[AetherVariables.PostgresPassword]);
        Assert.Equal(both[AetherVariables.PostgresNextPassword], after[AetherVariables.PostgresPassword]);
        Assert.Equal(both[AetherVariables.RedisNextPassword], after[AetherVariables.RedisPassword]);
        Assert.True(await CanLogInAsync(after, AetherVariables.PostgresPassword));
        Assert.False(await CanLogInAsync(before, AetherVariables.PostgresPassword));
        await using var redis = await StoreClients.ConnectAsync(
            after[AetherVariables.RedisEndpoint],
            after[AetherVariables.RedisUsername],
            after[AetherVariables.RedisPassword]);
        var done = await cluster.WaitAsync(world, current => current.Status.Credentials?.Request == "1");
        Assert.Null(done.Status.Credentials!.RotatingSince);
        await cluster.WaitEventAsync(world, WorldEvents.CredentialsRotated, done.Status.Stores!.SecretName);
        Assert.DoesNotContain(await cluster.EventsAsync(world), item => item.Reason == WorldEvents.DriftRepaired);
    }

    [Fact]
    public async Task Unrecorded_end_of_a_rotation_is_recorded_and_starts_no_other()
    {
        var world = await cluster.WaitReadyAsync(
            await cluster.CreateWorldAsync(await cluster.NewNamespaceAsync(), "arena", "{}"));
        var before = await SettingsAsync(world);

        // Paused, so that the operator sees the request and the state of its rotation at once.
        await cluster.PatchWorldAsync(world,
            $$$$"""
            {"metadata":{"annotations":{"{{{{OperatorNames.RotateAnnotation}}}}":"1"}},"spec":{"paused":true}}
            """);
        // The state that a reconcile leaves if it changed stores and Secret and then met a conflict at the status
        // write.
        await cluster.EditStatusAsync(world, status =>
            status.Credentials = new WorldCredentialsStatus { RotatingSince = LiveView.Text(Reports.Noon) });
        await cluster.PatchWorldAsync(world, """{"spec":{"paused":false}}""");
        var done = await cluster.WaitAsync(world, current => current.Status.Credentials?.Request == "1");

        Assert.Null(done.Status.Credentials!.RotatingSince);
        Assert.Equal(before[AetherVariables.CredentialsRevision], done.Status.Credentials.Revision);
        Assert.Equal(before, await SettingsAsync(world));
    }

    [Fact]
    public void Stores_do_not_switch_before_the_status_shows_the_rotation()
    {
        var (rotation, world, clock, latest) = Rotation();
        var both = Credentials().WithNext(withRedis: true);
        latest.Follow(world);
        latest.Take(
            Reports.Of("new-0", 1) with { JournalOutageSeconds = 0, CredentialsRevision = both.Revision },
            clock.GetUtcNow());

        var unrecorded = rotation.Next(world, both);

        Assert.NotNull(world.Status.Credentials?.RotatingSince);
        Assert.Equal((RotationStep.Wait, RotationStep.Switch), (unrecorded, rotation.Next(world, both)));
    }

    [Fact]
    public void Stores_switch_after_the_overlap_if_no_agent_reports()
    {
        var (rotation, world, clock, _) = Rotation();
        var both = Credentials().WithNext(withRedis: true);
        rotation.Begin(world);

        var first = rotation.Next(world, both);
        clock.Advance(CredentialRotation.Overlap);

        Assert.Equal((RotationStep.Wait, RotationStep.Switch), (first, rotation.Next(world, both)));
    }

    [Fact]
    public void Agent_that_never_rereads_its_settings_delays_the_switch_until_its_pod_is_gone()
    {
        var (rotation, world, clock, latest) = Rotation();
        var both = Credentials().WithNext(withRedis: true);
        rotation.Begin(world);
        clock.Advance(CredentialRotation.Overlap);
        latest.Follow(world);
        latest.Take(Reports.Of("old-0", 1), clock.GetUtcNow());

        var held = rotation.Next(world, both);
        clock.Advance(LiveView.QuietFor);

        Assert.Equal((RotationStep.Wait, RotationStep.Switch), (held, rotation.Next(world, both)));
    }

    [Fact]
    public void Schedule_rotates_credentials_repeatedly()
    {
        var (rotation, world, clock, _) = Rotation();
        world.Spec.Credentials.RotateEvery = "24h";
        rotation.End(world, "first");

        var early = rotation.Next(world, Credentials());
        clock.Advance(TimeSpan.FromHours(24));
        var due = rotation.Next(world, Credentials());
        rotation.End(world, "second");

        Assert.Equal((RotationStep.None, RotationStep.Announce), (early, due));
        Assert.Equal(RotationStep.None, rotation.Next(world, Credentials()));
    }

    [Fact]
    public void Schedule_says_when_to_reconcile_again()
    {
        var (rotation, world, clock, _) = Rotation();
        var never = rotation.DueIn(world);
        world.Spec.Credentials.RotateEvery = "24h";
        rotation.End(world, "first");

        clock.Advance(TimeSpan.FromHours(23));
        var soon = rotation.DueIn(world);
        clock.Advance(TimeSpan.FromHours(23));
        var late = rotation.DueIn(world);
        world.Spec.Credentials.RotateEvery = "8760h";
        var capped = rotation.DueIn(world);

        Assert.Null(never);
        Assert.Equal(TimeSpan.FromHours(1), soon);
        Assert.Equal(CredentialRotation.Pause, late);
        Assert.Equal(TimeSpan.FromDays(1), capped);
    }

    [Fact]
    public void Each_value_of_the_annotation_rotates_once()
    {
        var (rotation, world, _, _) = Rotation();
        world.Metadata.Annotations = new Dictionary<string, string> { [OperatorNames.RotateAnnotation] = "a" };

        var first = rotation.Next(world, Credentials());
        rotation.End(world, "revision");
        var same = rotation.Next(world, Credentials());
        world.Metadata.Annotations[OperatorNames.RotateAnnotation] = "b";

        Assert.Equal((RotationStep.Announce, RotationStep.None), (first, same));
        Assert.Equal(RotationStep.Announce, rotation.Next(world, Credentials()));
    }

    private static (CredentialRotation, WorldPersistence, FakeTimeProvider, LatestReports) Rotation()
    {
        var clock = new FakeTimeProvider(Reports.Noon);
        var world = Reports.World();
        world.Status.Stores = new WorldStoresStatus { SchemaProvisioned = true };
        var registry = global::Prometheus.Metrics.NewCustomRegistry();
        var metrics = new ReportMetrics(global::Prometheus.Metrics.WithCustomRegistry(registry));
        var latest = new LatestReports(metrics, clock);
        return (new CredentialRotation(latest, clock), world, clock, latest);
    }

    private static WorldCredentials Credentials() => new()
    {
        PostgresPassword = "postgres",
        RedisPassword = "redis",
        Nats = null,
    };

    private async Task<Dictionary<string, string>> SettingsAsync(
        WorldPersistence world, Func<Dictionary<string, string>, bool>? until = null)
    {
        var key = new ObjectKey(world.Metadata.NamespaceProperty, world.Status.Stores!.SecretName);
        return await Cluster.PollAsync(
            async () =>
            {
                var secret = await cluster.Objects.TryGetAsync<V1Secret>(key, Stop);
                var settings = secret!.Data.ToDictionary(
                    entry => entry.Key, entry => Encoding.UTF8.GetString(entry.Value));
                return until is null || until(settings) ? settings : null;
            },
            () => $"Secret {key} is not as expected ({string.Join(", ", NextPasswords)})");
    }

    private static async Task<bool> CanLogInAsync(Dictionary<string, string> settings, string password)
    {
        await using var data = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = settings[AetherVariables.PostgresHost],
            Port = int.Parse(settings[AetherVariables.PostgresPort], System.Globalization.CultureInfo.InvariantCulture),
            Database = settings[AetherVariables.PostgresDatabase],
            Username = settings[AetherVariables.PostgresUsername],
            Password = settings[password],
            Pooling = false,
        }.ConnectionString);
        try
        {
            await using var connection = await data.OpenConnectionAsync(Stop);
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return false;
        }
    }

    // As the world's agent does every 5 s.
    private async Task<IAsyncDisposable> ReportAsync(WorldPersistence world, string revision)
    {
        var nats = new NatsConnection(new NatsOpts
        {
            Url = cluster.Nats.Url,
            AuthOpts = new NatsAuthOpts
            {
                Username = cluster.Nats.AdminUsername,
                Password = cluster.Nats.AdminPassword,
            },
        });
        var report = Reports.Of("arena-0", 1) with
        {
            WorldUid = world.Metadata.Uid,
            JournalOutageSeconds = 0,
            CredentialsRevision = revision,
            SentAt = TimeProvider.System.GetUtcNow(),
        };
        await nats.PublishAsync(
            WorldNames.ReportSubject(world.Status.Stores!.SubjectPrefix, report.Pod), report.Write(),
            cancellationToken: Stop);
        await nats.PingAsync(Stop);
        return nats;
    }
}
