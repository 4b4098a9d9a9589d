using System.Text;
using System.Text.Json.Nodes;
using Aether.DevCluster.Clusters;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.EndToEnd.Tests.Worlds;

/// <summary>The NATS user in a world's Secret, signed by the operator, and its permissions.</summary>
public sealed class NatsUserTests(SharedCluster shared)
{
    // Most refusals show as a missing answer.
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_work_for_an_agent_that_has_only_its_worlds_own_user()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        await world.Pods.RunAsync(world.Pods.Of("pod"));
        using var agent = world.Pods.Agent("pod");

        await agent.PublishAsync("trade.completed");
        var type = await agent.OldestEventAsync();

        var ready = await world.UntilAsync("NatsReady", "True", "Provisioned");
        Assert.Equal("trade.completed", type);
        Assert.EndsWith("with a NATS user of its own.", ready.Condition("NatsReady")!.Message);
        var secret = await world.SecretAsync();
        Assert.NotEqual(bed.Cluster.NatsOperator.AdminCredentials, UserOf(secret.Data));
        Assert.DoesNotContain(AetherVariables.NatsUsername, secret.Data.Keys);
        Assert.DoesNotContain(AetherVariables.NatsPassword, secret.Data.Keys);
    }

    [Fact]
    public async Task NATS_user_can_use_the_stream_and_the_subjects_of_its_own_world()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        await using var connection = await ConnectAsync(bed, world, TestServer.ClientPatience);
        var stream = new NatsJSContext(connection);

        var stored = await stream.PublishAsync(EventOf(world), "own", cancellationToken: Stop);
        stored.EnsureSuccess();
        var consumer = await stream.CreateOrderedConsumerAsync(world.Names.EventStream, cancellationToken: Stop);
        var read = await consumer.NextAsync<string>(cancellationToken: Stop);

        Assert.Equal("own", read?.Data);
    }

    [Fact]
    public async Task NATS_user_can_neither_write_to_another_world_nor_read_it()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        var other = await bed.ReadyWorldAsync("{}", world.Namespace, "other");
        var before = await other.ContentsAsync();
        await using var connection = await ConnectAsync(bed, world, Refusal);
        var stream = new NatsJSContext(connection);
        await using var foreign = await connection.SubscribeCoreAsync<string>(
            $"{other.Names.SubjectPrefix}>", cancellationToken: Stop);
        await using var own = await connection.SubscribeCoreAsync<string>(
            $"{world.Names.SubjectPrefix}>", cancellationToken: Stop);
        await connection.PingAsync(Stop);

        await RefusedAsync(() => stream.PublishAsync(EventOf(other), "forged", cancellationToken: Stop).AsTask());
        await RefusedAsync(() => stream.PublishAsync(
            WorldNames.ReportSubject(other.Names.SubjectPrefix, "pod"), "forged", cancellationToken: Stop).AsTask());
        await RefusedAsync(() => stream.GetStreamAsync(AetherNames.ReportStream, cancellationToken: Stop).AsTask());
        await RefusedAsync(() => stream.GetStreamAsync(other.Names.EventStream, cancellationToken: Stop).AsTask());
        await RefusedAsync(() => stream.CreateOrUpdateConsumerAsync(
            other.Names.EventStream, new ConsumerConfig("spy"), Stop).AsTask());
        await RefusedAsync(() => stream.CreateStreamAsync(
            new StreamConfig("ANOTHER", ["another"]), Stop).AsTask());
        Assert.Equal(before.All, (await other.ContentsAsync()).All);

        await bed.Stores.Nats.PublishAsync(EventOf(other), "not for it", cancellationToken: Stop);
        await bed.Stores.Nats.PublishAsync(EventOf(world), "for it", cancellationToken: Stop);
        Assert.Equal("for it", (await own.Msgs.ReadAsync(Stop)).Data);
        Assert.False(foreign.Msgs.TryRead(out var heard), heard.Subject);
    }

    [Fact]
    public async Task Worlds_share_the_operators_NATS_user_where_the_backend_accepts_it_and_report_it()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await new BackendManifests(bed.Cluster).ApplyAsync(
            world.Namespace,
            Stop,
            spec =>
            {
                spec["nats"]!.AsObject().Remove("accountSigningKeySecretRef");
                spec["nats"]!["sharedCredentials"] = true;
            });

        await world.ApplyAsync(new JsonObject
        {
            ["backendRef"] = new JsonObject { ["name"] = world.Namespace },
        }.ToJsonString());

        var ready = await world.UntilAsync("NatsReady", "True", "SharedCredentials");
        Assert.Contains("spec.nats.accountSigningKeySecretRef", ready.Condition("NatsReady")!.Message);
        await world.ReadyAsync();
        Assert.Equal(
            bed.Cluster.NatsOperator.AdminCredentials.TrimEnd(), UserOf((await world.SecretAsync()).Data).TrimEnd());
        await world.Pods.RunAsync(world.Pods.Of("pod"));
        using var agent = world.Pods.Agent("pod");
        await agent.PublishAsync("trade.completed");
        Assert.Equal("trade.completed", await agent.OldestEventAsync());
    }

    private static string EventOf(TestWorld world) => $"{world.Names.SubjectPrefix}events.trade";

    private static string UserOf(IDictionary<string, byte[]> secret) =>
        Encoding.UTF8.GetString(secret[AetherVariables.NatsCredentials]);

    private static async Task<NatsConnection> ConnectAsync(TestBed bed, TestWorld world, TimeSpan requestTimeout)
    {
        var connection = new NatsConnection(new NatsOpts
        {
            Url = bed.Cluster.Nats.Url,
            InboxPrefix = world.Names.InboxPrefix,
            ConnectTimeout = TestServer.ClientPatience,
            RequestTimeout = requestTimeout,
            AuthOpts = new NatsAuthOpts { Creds = UserOf((await world.SecretAsync()).Data) },
        });
        await connection.ConnectAsync();
        return connection;
    }

    // nats-server drops messages that a user may not publish: the caller gets no answer, or an error of the connection.
    private static async Task RefusedAsync(Func<Task> request) =>
        Assert.IsAssignableFrom<NatsException>(await Record.ExceptionAsync(request));
}
