using System.Text.RegularExpressions;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Tests.Provisioning.Nats;

public sealed class JournalStreamTests(Servers servers) : IAsyncLifetime
{
    private readonly NatsProvisioner _provisioner = StoreProvisioners.Nats();
    private NatsServer _server = null!;
    private NatsConnection _connection = null!;
    private Requests _world = null!;

    private string Stream => _world.Names.JournalStream;

    private NatsJSContext JetStream => new(_connection);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.NatsAsync();
        _connection = StoreClients.Connect(_server);
        _world = new Requests
        {
            Nats = new NatsAccess
            {
                Urls = [_server.Url],
                Username = _server.AdminUsername,
                Password = _server.AdminPassword,
                CredentialsFile = null,
                SigningSeed = null,
                AccountPublicKey = null,
            },
        };
        _world.Spec.Wal.Journal = nameof(JournalKind.JetStream);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task A_journal_gets_a_stream_that_never_drops_messages_by_itself()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var config = await ReadAsync();
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
        Assert.Equal(
            (StreamConfigDiscard.New, StreamConfigRetention.Limits, StreamConfigStorage.File, TimeSpan.Zero, -1L, -1L),
            (config.Discard, config.Retention, config.Storage, config.MaxAge, config.MaxBytes, config.MaxMsgs));
    }

    [Fact]
    public async Task A_limit_that_would_drop_blocks_is_found_and_removed()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        var config = await ReadAsync();
        config.MaxAge = TimeSpan.FromHours(1);
        config.MaxMsgs = 1000;
        config.Discard = StreamConfigDiscard.Old;
        await JetStream.UpdateStreamAsync(config, Stop);

        var found = await _provisioner.InspectAsync(_world.Request(), Stop);
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        Assert.Equal(
            [$"stream {Stream} has other discard policy", $"stream {Stream} has other max_age",
                $"stream {Stream} has other max_msgs"],
            found.Drifts.Select(drift => drift.What));
        Assert.Empty((await _provisioner.InspectAsync(_world.Request(), Stop)).Drifts);
    }

    [Fact]
    public async Task Journal_on_one_server_causes_a_warning_and_one_on_three_does_not()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        var one = await _provisioner.InspectAsync(_world.Request(), Stop);
        (_world.Spec.Events ??= new()).Replicas = 3;
        var three = await _provisioner.InspectAsync(_world.Request(), Stop);

        Assert.Equal(StoreReason.JournalOnOneServer, one.Reason);
        Assert.Contains("sync_interval", one.Message, StringComparison.Ordinal);
        Assert.Equal(StoreReason.SharedCredentials, three.Reason);
    }

    [Fact]
    public async Task A_lost_journal_is_not_replaced_by_an_empty_one()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);
        await JetStream.DeleteStreamAsync(Stream, Stop);
        var request = _world.Request(journalWasProvisioned: true);

        var seen = await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.InspectAsync(request, Stop));
        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.EnsureAsync(request, Stop));

        Assert.Equal(StoreReason.StreamLost, seen.Reason);
        Assert.Contains($"{OperatorNames.AcceptLossAnnotation}={_world.Uid}", seen.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NatsJSApiException>(ReadAsync);
        await _provisioner.EnsureAsync(_world.Request(journalWasProvisioned: true, lossAccepted: true), Stop);
        Assert.Equal(Stream, (await ReadAsync()).Name);
    }

    [Fact]
    public async Task Adoption_of_a_missing_journal_does_not_create_an_empty_one()
    {
        var heir = _world.Request(Guid.NewGuid().ToString(), adopt: _world.Uid);

        var seen = await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.InspectAsync(heir, Stop));
        await Assert.ThrowsAsync<ProvisioningException>(() => _provisioner.EnsureAsync(heir, Stop));

        Assert.Equal(StoreReason.StreamLost, seen.Reason);
        Assert.Contains(AetherNames.AdoptAnnotation, seen.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NatsJSApiException>(ReadAsync);
    }

    [Fact]
    public async Task A_world_with_its_journal_in_Postgres_gets_no_second_stream()
    {
        _world.Spec.Wal.Journal = nameof(JournalKind.Postgres);

        await _provisioner.EnsureAsync(_world.Request(), Stop);

        await Assert.ThrowsAsync<NatsJSApiException>(ReadAsync);
    }

    [Fact]
    public async Task Deletion_drops_both_streams_and_none_of_other_owners()
    {
        await _provisioner.EnsureAsync(_world.Request(), Stop);

        await _provisioner.DeleteAsync(_world.Deletion("another"), Stop);
        var kept = await ReadAsync();
        await _provisioner.DeleteAsync(_world.Deletion(), Stop);

        Assert.Equal(Stream, kept.Name);
        await Assert.ThrowsAsync<NatsJSApiException>(ReadAsync);
        await Assert.ThrowsAsync<NatsJSApiException>(
            async () => await JetStream.GetStreamAsync(_world.Names.EventStream, cancellationToken: Stop));
    }

    [Fact]
    public void Right_to_purge_is_given_only_for_the_journal_of_a_world_in_JetStream()
    {
        var without = NatsPermissions.For(_world.Names);
        var with = NatsPermissions.For(_world.Names, hasJournal: true);

        Assert.DoesNotContain(without.Publish, subject => subject.Contains(Stream, StringComparison.Ordinal));
        Assert.Equal(
            [$"$JS.API.STREAM.PURGE.{Stream}"],
            with.Publish.Where(subject => Regex.IsMatch(subject, "STREAM.(CREATE|UPDATE|DELETE|PURGE|MSG.DELETE)")));
    }

    private async Task<StreamConfig> ReadAsync() =>
        (await JetStream.GetStreamAsync(Stream, cancellationToken: Stop)).Info.Config;
}
