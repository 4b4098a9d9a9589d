using Aether.Operator.LiveStatus;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Tests.Provisioning.Nats;

/// <summary>On servers with limits on their accounts, each with user a.</summary>
public sealed partial class StreamLimitsTests
{
    private readonly NatsProvisioner _provisioner = StoreProvisioners.Nats();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Field", "F25")]
    public async Task Account_that_requires_a_stream_size_accepts_a_journal_with_one_and_otherwise_names_the_field()
    {
        await using var server = await StartAsync("jetstream { max_file: 1GB, max_bytes_required: true }");
        var world = World(server, size: null);
        var sized = World(server, size: 256 << 20);

        var refused = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(world.Request(), Stop));
        await _provisioner.EnsureAsync(sized.Request(), Stop);

        Assert.Equal(StoreReason.Refused, refused.Reason);
        Assert.Contains("spec.nats.journalMaxBytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains(world.Names.JournalStream, refused.Message, StringComparison.Ordinal);
        Assert.Contains("10113", refused.Message, StringComparison.Ordinal);
        Assert.Empty((await _provisioner.InspectAsync(sized.Request(), Stop)).Drifts);
        var journal = await ReadAsync(server, sized.Names.JournalStream);
        Assert.Equal((256L << 20, StreamConfigDiscard.New), (journal.MaxBytes, journal.Discard));
    }

    [Theory]
    [Trait("Field", "F33")]
    [InlineData("jetstream { max_file: 32000000 }", "the account's limit of 32000000 bytes")]
    [InlineData("jetstream: enabled", "max_file_store")]
    public async Task Stream_without_room_is_refused_with_reservation_limit_and_field(
        string account, string limit)
    {
        await using var server = await StartAsync(account, "max_file_store: 40000000");
        var world = World(server, size: 64 << 20);

        var refused = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(world.Request(), Stop));

        Assert.Contains(world.Names.JournalStream, refused.Message, StringComparison.Ordinal);
        Assert.Contains("reserves 67108864 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains(limit, refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.nats.journalMaxBytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("code 10047", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F25")]
    public async Task Reports_are_stored_in_memory_if_the_account_has_no_file_storage()
    {
        await using var server = await StartAsync("jetstream { max_mem: 64MB, max_file: 0 }");
        await using var connection = Connect(server.Url, "a");
        await connection.ConnectAsync();

        await new ReportStream(connection, Access(server.Url)).EnsureAsync(Stop);

        var reports = await ReadAsync(server, AetherNames.ReportStream);
        Assert.Equal((StreamConfigStorage.Memory, 8L << 20), (reports.Storage, reports.MaxBytes));
    }

    [Fact]
    [Trait("Field", "F24")]
    public async Task Server_with_too_small_messages_for_a_journal_is_refused_with_both_limits()
    {
        await using var server = await StartAsync("jetstream: enabled", more: "max_payload: 65536");
        var world = World(server, size: null);

        var refused = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.InspectAsync(world.Request(), Stop));

        Assert.Contains("max_payload 65536", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{NatsLimits.JournalMaxPayload}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(server.Url, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F16")]
    public async Task Streams_have_three_replicas_in_a_cluster_and_an_older_reports_stream_gets_them()
    {
        await using var cluster = new NatsCluster();
        await cluster.StartAsync(Stop);
        await using var connection = Connect(cluster.Url, cluster.Username, cluster.Password);
        var context = new NatsJSContext(connection);
        await Eventually.IsTrueAsync(() => IsServedAsync(context), Stop);
        var access = Access(cluster.Url, cluster.Username, cluster.Password);
        var world = new Requests { Nats = access };
        world.Spec.Wal.Journal = nameof(JournalKind.JetStream);
        var reports = new ReportStream(connection, access);

        await _provisioner.EnsureAsync(world.Request(), Stop);
        var inspection = await _provisioner.InspectAsync(world.Request(), Stop);
        await reports.EnsureAsync(Stop);

        Assert.Empty(inspection.Drifts);
        Assert.NotEqual(StoreReason.JournalOnOneServer, inspection.Reason);
        foreach (var name in new[] { world.Names.EventStream, world.Names.JournalStream, AetherNames.ReportStream })
            Assert.Equal(3, (await context.GetStreamAsync(name, cancellationToken: Stop)).Info.Config.NumReplicas);

        var older = (await context.GetStreamAsync(AetherNames.ReportStream, cancellationToken: Stop)).Info.Config;
        older.NumReplicas = 1;
        await context.UpdateStreamAsync(older, Stop);
        await reports.EnsureAsync(Stop);
        older = (await context.GetStreamAsync(AetherNames.ReportStream, cancellationToken: Stop)).Info.Config;
        Assert.Equal(3, older.NumReplicas);
    }

    private static async Task<bool> IsServedAsync(NatsJSContext context)
    {
        try
        {
            await context.CreateStreamAsync(new StreamConfig("ready", ["ready"]) { NumReplicas = 3 }, Stop);
            return true;
        }
        catch (Exception exception) when (exception is NatsException or TimeoutException)
        {
            return false;
        }
    }

    private static async Task<NatsServer> StartAsync(
        string account, string storage = "max_file_store: 1GB", string more = "")
    {
        var server = new NatsServer($$"""
            {{more}}
            jetstream { max_memory_store: 1GB, {{storage}} }
            accounts { A { {{account}}, users: [{ user: a, password: a }] } }

            """);
        await server.StartAsync(Stop);
        return server;
    }

    private static Requests World(NatsServer server, long? size, JournalKind journal = JournalKind.JetStream)
    {
        var world = new Requests { Nats = Access(server.Url, size: size) };
        world.Spec.Wal.Journal = journal.ToString();
        return world;
    }

    private static NatsAccess Access(string url, string user = "a", string password = "a", long? size = null) => new()
    {
        Urls = url.Split(','),
        Username = user,
        Password = password,
        CredentialsFile = null,
        SigningSeed = null,
        AccountPublicKey = null,
        JournalMaxBytes = size,
    };

    private static NatsConnection Connect(string url, string user, string password = "a") => new(new NatsOpts
    {
        Url = url,
        ConnectTimeout = TestServer.ClientPatience,
        RequestTimeout = TimeSpan.FromSeconds(10),
        AuthOpts = new NatsAuthOpts { Username = user, Password = password },
    });

    private static async Task<StreamConfig> ReadAsync(NatsServer server, string name)
    {
        await using var connection = Connect(server.Url, "a");
        return (await new NatsJSContext(connection).GetStreamAsync(name, cancellationToken: Stop)).Info.Config;
    }
}
