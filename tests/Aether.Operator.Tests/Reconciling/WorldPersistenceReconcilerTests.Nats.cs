using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

public sealed partial class WorldPersistenceReconcilerTests
{
    private const string OperatorNamespace = "aether-system";

    [Fact]
    public async Task World_gets_no_NATS_credentials_rather_than_the_operators()
    {
        var backend = await NatsBackendAsync(nats => nats.SharedCredentials = false);

        var world = await WorldOnAsync(backend, "arena");

        world = await cluster.WaitReadyAsync(world);
        var settings = await SettingsAsync(world);
        Assert.DoesNotContain(settings, entry => entry.Key.StartsWith("AETHER_NATS_", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster.Nats.AdminPassword, settings.Values);
        var nats = Cluster.Condition(world, "NatsReady")!;
        Assert.Equal(("True", nameof(StoreReason.NoOwnCredentials)), (nats.Status, nats.Reason));
        Assert.Contains("spec.nats.sharedCredentials", nats.Message, StringComparison.Ordinal);
        Assert.Contains("spec.nats.worldUsersSecretRef", nats.Message, StringComparison.Ordinal);
        Assert.Equal(nameof(ReportChannel.Postgres), world.Status.Stores!.ReportChannel);
    }

    [Fact]
    public async Task A_world_with_its_journal_in_JetStream_is_not_ready_without_NATS_credentials_of_its_own()
    {
        var backend = await NatsBackendAsync(nats => nats.SharedCredentials = false);

        var world = await WorldOnAsync(backend, "arena", """ "wal":{"journal":"JetStream"} """);
        world = await cluster.WaitReasonAsync(world, "NatsReady", nameof(StoreReason.NoOwnCredentials));
        await cluster.PatchBackendAsync(backend, """{"spec":{"nats":{"sharedCredentials":true}}}""");

        Assert.Equal("False", Cluster.Condition(world, "NatsReady")!.Status);
        world = await cluster.WaitReadyAsync(world);
        Assert.Equal(nameof(ReportChannel.Nats), world.Status.Stores!.ReportChannel);
        Assert.Contains(cluster.Nats.AdminPassword, (await SettingsAsync(world)).Values);
    }

    [Fact]
    public async Task No_two_worlds_get_the_same_NATS_user_of_a_list_and_each_keeps_its_own()
    {
        var list = $"users-{Guid.NewGuid():N}";
        var @namespace = await cluster.NewNamespaceAsync();
        await cluster.CreateSecretAsync(OperatorNamespace, list,
            ("pool-1", "one"), ("pool-2", "two"), ("pool-3", "three"), ($"{@namespace}.reserved", "own"));
        var backend = await NatsBackendAsync(nats =>
        {
            nats.SharedCredentials = false;
            nats.WorldUsersSecretRef = new SecretReference { Name = list };
        });
        string[] names = ["a", "b", "c", "reserved"];

        var worlds = await Task.WhenAll(names.Select(async name =>
            await cluster.WaitReadyAsync(await WorldOnAsync(backend, name, @namespace: @namespace))));
        var late = await cluster.WaitReadyAsync(await WorldOnAsync(backend, "late", @namespace: @namespace));

        var users = await Task.WhenAll(worlds.Select(UserAsync));
        Assert.Equal(["one", "own", "three", "two"], users.Select(user => user.Password).Order());
        Assert.Equal(($"{@namespace}.reserved", "own"), users[3]);
        Assert.Equal(nameof(StoreReason.NoOwnCredentials), Cluster.Condition(late, "NatsReady")!.Reason);
        Assert.Contains(list, Cluster.Condition(late, "NatsReady")!.Message, StringComparison.Ordinal);

        await cluster.RestartOperatorAsync(
            () => cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(worlds[0]), null, Stop));
        late = await cluster.WaitAsync(
            late, current => Cluster.Condition(current, "NatsReady")?.Reason == nameof(StoreReason.Provisioned));

        Assert.Equal(users[0], await UserAsync(late));
        Assert.Equal(users[1..], await Task.WhenAll(worlds[1..].Select(UserAsync)));
    }

    [Fact]
    public async Task World_that_waits_for_a_NATS_user_gets_the_one_that_a_deleted_world_frees()
    {
        var list = $"users-{Guid.NewGuid():N}";
        await cluster.CreateSecretAsync(OperatorNamespace, list, ("only", "one"));
        var backend = await NatsBackendAsync(nats =>
        {
            nats.SharedCredentials = false;
            nats.WorldUsersSecretRef = new SecretReference { Name = list };
        });
        var first = await cluster.WaitReadyAsync(await WorldOnAsync(backend, "first"));
        var waiting = await cluster.WaitReadyAsync(await WorldOnAsync(backend, "waiting"));
        Assert.Equal(nameof(StoreReason.NoOwnCredentials), Cluster.Condition(waiting, "NatsReady")!.Reason);

        await cluster.Objects.DeleteAsync<WorldPersistence>(ObjectKey.Of(first), null, Stop);

        await cluster.WaitReasonAsync(waiting, "NatsReady", nameof(StoreReason.Provisioned));
        Assert.Equal(("only", "one"), await UserAsync(waiting));
    }

    [Fact]
    public async Task A_changed_password_of_a_listed_NATS_user_reaches_the_worlds_Secret()
    {
        var list = $"users-{Guid.NewGuid():N}";
        await cluster.CreateSecretAsync(OperatorNamespace, list, ("pool", "before"));
        var backend = await NatsBackendAsync(nats => nats.WorldUsersSecretRef = new SecretReference { Name = list });
        var world = await cluster.WaitReadyAsync(await WorldOnAsync(backend, "arena"));
        Assert.Equal(("pool", "before"), await UserAsync(world));

        var secret = (await cluster.Objects.TryGetAsync<V1Secret>(new ObjectKey(OperatorNamespace, list), Stop))!;
        secret.Data["pool"] = "after"u8.ToArray();
        await cluster.Objects.ReplaceAsync(secret, Stop);

        await Eventually.IsTrueAsync(async () => await UserAsync(world) == ("pool", "after"), Stop);
    }

    [Theory]
    [InlineData("SA")]
    [InlineData("SAAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JMAAAA")]
    [InlineData("saaelh6njcek4hst5644g4hk7toafzgrrjhnm4eukuy7ppndliko5ih4jm")]
    public async Task Malformed_signing_seed_makes_worlds_InvalidCredentials_and_is_not_quoted(string seed)
    {
        var secret = $"signer-{Guid.NewGuid():N}";
        await cluster.CreateSecretAsync(OperatorNamespace, secret, (SecretKeys.SigningSeed, seed));
        var backend = await NatsBackendAsync(
            nats => nats.AccountSigningKeySecretRef = new SecretReference { Name = secret });

        var world = await cluster.WaitReasonAsync(
            await WorldOnAsync(backend, "arena"), WorldConditions.Ready, nameof(StoreReason.InvalidCredentials));

        var ready = Cluster.Condition(world, WorldConditions.Ready)!;
        Assert.Equal("False", ready.Status);
        Assert.Contains("spec.nats.accountSigningKeySecretRef", ready.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(seed, ready.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Creds_file_with_a_malformed_seed_makes_the_backend_InvalidCredentials()
    {
        const string seed = "SUAELH6NJCEK4HST5644G4HK7TOAFZGRRJHNM4EUKUY7PPNDLIKO5IH4JMAAAA";
        var secret = $"admin-{Guid.NewGuid():N}";
        await cluster.CreateSecretAsync(
            OperatorNamespace, secret,
            (SecretKeys.NatsCredentials, new NatsCredentials("e30.e30.e30", seed).Format()));
        var name = await NatsBackendAsync(nats => nats.CredentialsSecretRef = new SecretReference { Name = secret });

        var backend = await cluster.WaitBackendAsync(name, "False");

        var nats = backend.Status.Conditions!.Single(
            condition => condition.Reason == nameof(StoreReason.InvalidCredentials)
                && condition.Type != WorldConditions.Ready);
        Assert.Contains("spec.nats.credentialsSecretRef", nats.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(seed, nats.Message, StringComparison.Ordinal);
    }

    private async Task<string> NatsBackendAsync(Action<NatsBackend> change)
    {
        var name = $"nats-{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name, spec => change(spec.Nats!));
        return name;
    }

    private async Task<WorldPersistence> WorldOnAsync(
        string backend, string name, string? more = null, string? @namespace = null) =>
        await cluster.CreateWorldAsync(
            @namespace ?? await cluster.NewNamespaceAsync(),
            name,
            $$"""{"backendRef":{"name":"{{backend}}"}{{(more is null ? "" : $",{more}")}}}""");

    private async Task<(string User, string Password)> UserAsync(WorldPersistence world)
    {
        var settings = await SettingsAsync(world);
        return (settings[AetherVariables.NatsUsername], settings[AetherVariables.NatsPassword]);
    }
}
