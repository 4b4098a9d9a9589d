using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Tests.Provisioning.Nats;

public sealed partial class StreamLimitsTests
{
    private const int Mebibyte = 1 << 20;
    private const int EventBytes = 64 << 10;

    [Fact]
    [Trait("Field", "F33")]
    public async Task Worlds_fit_an_account_that_is_smaller_than_the_sum_of_their_event_limits()
    {
        await using var server = await StartAsync("jetstream { max_file: 100000000 }");
        var worlds = Enumerable.Range(0, 8).Select(_ => Events(server, "64Mi")).ToList();

        foreach (var world in worlds)
        {
            await _provisioner.EnsureAsync(world.Request(), Stop);
            await PublishAsync(server, world, count: 1);
        }

        foreach (var world in worlds)
        {
            Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
            Assert.Equal(-1, (await ReadAsync(server, world.Names.EventStream)).MaxBytes);
        }
    }

    [Fact]
    [Trait("Field", "F33")]
    public async Task Event_stream_has_its_limit_from_reaching_it_until_half_is_free()
    {
        await using var server = await StartAsync("jetstream: enabled");
        var world = Events(server, "1Mi");
        await _provisioner.EnsureAsync(world.Request(), Stop);

        await PublishAsync(server, world, count: 15);
        var below = await SettleAsync(server, world);
        await PublishAsync(server, world, count: 10);
        var beyond = (await StreamAsync(server, world)).State.Messages;
        var full = await SettleAsync(server, world);
        await PublishAsync(server, world, count: 10);
        var later = await SettleAsync(server, world);
        await KeepAsync(server, world, count: 8);
        var half = await SettleAsync(server, world);
        await KeepAsync(server, world, count: 7);
        var free = await SettleAsync(server, world);

        Assert.Equal((-1, 15), (below.Config.MaxBytes, below.State.Messages));
        Assert.Equal(25, beyond);
        Assert.Equal((Mebibyte, 15), (full.Config.MaxBytes, full.State.Messages));
        Assert.Equal((Mebibyte, 15, 35UL), (later.Config.MaxBytes, later.State.Messages, later.State.LastSeq));
        Assert.Equal((Mebibyte, 8), (half.Config.MaxBytes, half.State.Messages));
        Assert.Equal((-1, 7, 35UL), (free.Config.MaxBytes, free.State.Messages, free.State.LastSeq));
    }

    [Fact]
    [Trait("Field", "F33")]
    public async Task Event_stream_that_reserves_more_than_it_holds_releases_the_rest_and_keeps_its_events()
    {
        await using var server = await StartAsync("jetstream { max_file: 100000000 }");
        var older = Events(server, "64Mi");
        await _provisioner.EnsureAsync(older.Request(), Stop);
        await PublishAsync(server, older, count: 5);
        var config = await ReadAsync(server, older.Names.EventStream);
        config.MaxBytes = 64 * Mebibyte;
        await UpdateAsync(server, config);
        var next = Journaled(server, 64 * Mebibyte);
        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.EnsureAsync(next.Request(), Stop));

        var found = await _provisioner.InspectAsync(older.Request(), Stop);
        var after = await SettleAsync(server, older);

        Assert.Single(found.Drifts);
        Assert.Empty(found.Changes);
        Assert.Equal((-1, 5), (after.Config.MaxBytes, after.State.Messages));
        await _provisioner.EnsureAsync(next.Request(), Stop);
    }

    [Fact]
    [Trait("Field", "F33")]
    public async Task Event_stream_has_its_limit_from_the_start_if_the_account_requires_one()
    {
        await using var server = await StartAsync("jetstream { max_file: 1GB, max_bytes_required: true }");
        var world = Events(server, "8Mi");

        await _provisioner.EnsureAsync(world.Request(), Stop);

        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        Assert.Equal(8 * Mebibyte, (await ReadAsync(server, world.Names.EventStream)).MaxBytes);
    }

    [Theory]
    [Trait("Field", "F33")]
    [InlineData("jetstream { max_file: 2500000 }", "the account's limit of 2500000 bytes")]
    [InlineData("jetstream: enabled", "the server's max_file_store")]
    public async Task A_full_event_stream_that_cannot_reserve_its_limit_names_reservation_limit_and_field(
        string account, string limit)
    {
        await using var server = await StartAsync(account, "max_file_store: 2500000");
        var world = Events(server, "1Mi");
        await _provisioner.EnsureAsync(world.Request(), Stop);
        await PublishAsync(server, world, count: 17);
        await _provisioner.EnsureAsync(Journaled(server, 2 * Mebibyte).Request(), Stop);

        var refused = await Assert.ThrowsAsync<ProvisioningException>(
            () => _provisioner.EnsureAsync(world.Request(), Stop));

        Assert.Equal(StoreReason.Refused, refused.Reason);
        Assert.Contains(world.Names.EventStream, refused.Message, StringComparison.Ordinal);
        Assert.Contains("reserves 1048576 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains(limit, refused.Message, StringComparison.Ordinal);
        Assert.Contains("spec.events.maxBytes", refused.Message, StringComparison.Ordinal);
        Assert.Equal(17, (await StreamAsync(server, world)).State.Messages);
    }

    private static Requests Events(NatsServer server, string maxBytes)
    {
        var world = World(server, size: null, JournalKind.Postgres);
        world.Spec.Events = new EventsSpec { MaxBytes = maxBytes };
        return world;
    }

    private static Requests Journaled(NatsServer server, long size) => World(server, size);

    private async Task<StreamInfo> SettleAsync(NatsServer server, Requests world)
    {
        await _provisioner.EnsureAsync(world.Request(), Stop);
        Assert.Empty((await _provisioner.InspectAsync(world.Request(), Stop)).Drifts);
        return await StreamAsync(server, world);
    }

    private static async Task PublishAsync(NatsServer server, Requests world, int count)
    {
        await using var connection = Connect(server.Url, "a");
        var jetStream = new NatsJSContext(connection);
        var subject = $"{world.Names.SubjectPrefix}events.born";
        for (var i = 0; i < count; i++)
            (await jetStream.PublishAsync(subject, new byte[EventBytes], cancellationToken: Stop)).EnsureSuccess();
    }

    // As if the other events had become older than spec.events.maxAge.
    private static async Task KeepAsync(NatsServer server, Requests world, int count)
    {
        await using var connection = Connect(server.Url, "a");
        await new NatsJSContext(connection).PurgeStreamAsync(
            world.Names.EventStream, new StreamPurgeRequest { Keep = (ulong)count }, Stop);
    }

    private static async Task UpdateAsync(NatsServer server, StreamConfig config)
    {
        await using var connection = Connect(server.Url, "a");
        await new NatsJSContext(connection).UpdateStreamAsync(config, Stop);
    }

    private static async Task<StreamInfo> StreamAsync(NatsServer server, Requests world)
    {
        await using var connection = Connect(server.Url, "a");
        return (await new NatsJSContext(connection).GetStreamAsync(
            world.Names.EventStream, cancellationToken: Stop)).Info;
    }
}
