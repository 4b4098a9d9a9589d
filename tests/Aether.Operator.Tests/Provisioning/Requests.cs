using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Tests.Provisioning;

/// <summary>Requests for worlds that are unique to a test.</summary>
internal sealed class Requests
{
    private static readonly WorldNames Somewhere = WorldNames.For("tests", "unused");

    public WorldNames Names { get; } = WorldNames.For("tests", $"it's-\"odd\"-{Guid.NewGuid():N}");

    public WorldCredentials Credentials { get; init; } = NewCredentials();

    public string Uid { get; } = Guid.NewGuid().ToString();

    public WorldPersistenceSpec Spec { get; } = new();

    public PostgresAccess Postgres { get; init; } = Nowhere.Postgres;

    public RedisAccess? Redis { get; init; } = Nowhere.Redis;

    public NatsAccess? Nats { get; init; } = Nowhere.Nats;

    public static WorldCredentials NewCredentials(NatsCredentials? nats = null) => new()
    {
        PostgresPassword = WorldCredentials.NewPassword(),
        RedisPassword = WorldCredentials.NewPassword(),
        Nats = nats is null
            ? new NatsLogin { IsShared = true }
            : new NatsLogin { CredentialsFile = nats.Format() },
    };

    public ProvisioningRequest Request(
        string? uid = null,
        string? adopt = null,
        bool wasProvisioned = false,
        bool lossAccepted = false,
        bool journalWasProvisioned = false,
        WorldCredentials? credentials = null,
        PostgresAccess? postgres = null) => new()
        {
            Owner = Owner(uid, adopt),
            Names = Names,
            Profile = WorldProfile.Resolve(Spec),
            Backend = Backend(postgres),
            Credentials = credentials ?? Credentials,
            WasProvisioned = wasProvisioned,
            JournalWasProvisioned = journalWasProvisioned,
            DivergencesKnown = 0,
            LossAccepted = lossAccepted,
        };

    public DeletionRequest Deletion(string? uid = null, PostgresAccess? postgres = null) =>
        new() { Owner = Owner(uid, null), Names = Names, Backend = Backend(postgres) };

    private WorldOwner Owner(string? uid, string? adopt) => new(uid ?? Uid, $"{Names.Namespace}/{Names.Name}", adopt);

    private BackendAccess Backend(PostgresAccess? postgres) =>
        new() { Postgres = postgres ?? Postgres, Redis = Redis, Nats = Nats };

    private static class Nowhere
    {
        public static PostgresAccess Postgres { get; } = new()
        {
            Host = "127.0.0.1",
            Port = 1,
            Database = Somewhere.Id,
            SslMode = PostgresSslMode.Disable,
            Username = "nobody",
            Password = "nothing",
        };

        public static RedisAccess Redis { get; } =
            new() { Endpoint = "127.0.0.1:1", Tls = false, Username = null, Password = null };

        public static NatsAccess Nats { get; } = new()
        {
            Urls = ["nats://127.0.0.1:1"],
            Username = null,
            Password = null,
            CredentialsFile = null,
            SigningSeed = null,
            AccountPublicKey = null,
        };
    }
}
