using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Nats;
using Aether.Operator.Resolving;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Reconciling;

/// <summary>
/// The Secret with a world's credentials and settings. Passwords are generated once and kept in the Secret; the stores
/// follow it.
/// </summary>
[EntityRbac(
    typeof(StoredSecret),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Update | RbacVerb.Delete)]
internal sealed class WorldSecret(IObjectClient objects, IEntityCache<StoredSecret> cache, TimeProvider clock)
{
    /// <summary>
    /// Reads the Secret from the cache. What depends on it must not be written to a store before <see
    /// cref="ConfirmAsync"/>.
    /// </summary>
    /// <exception cref="BackendException">A Secret of its name exists that was not created for this world.</exception>
    public async Task<FoundSecret> ReadAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var key = KeyOf(world);
        if (cache.HasSeenOwnWrites(key) && cache.TryGet(key, out var cached))
            return Own(cached, world);

        // A world without recorded stores has no Secret yet. If there is one without the label, such as a user's own,
        // creating the world's fails, which is before anything is created in a store.
        return world.Status.Stores is null
            ? new FoundSecret(null, IsOwn: false)
            : await ReadLiveAsync(world, cancellationToken);
    }

    /// <summary>Reads the Secret from the API server.</summary>
    /// <exception cref="BackendException">A Secret of its name exists that was not created for this world.</exception>
    public async Task<FoundSecret> ReadLiveAsync(WorldPersistence world, CancellationToken cancellationToken) =>
        Own(await objects.TryGetAsync<StoredSecret>(KeyOf(world), cancellationToken), world) with { IsLive = true };

    /// <summary>Compares a Secret from the cache with the stored one.</summary>
    /// <exception cref="StaleSecretException">They differ.</exception>
    public async Task ConfirmAsync(WorldPersistence world, FoundSecret found, CancellationToken cancellationToken)
    {
        if (found.IsLive)
            return;
        var stored = await objects.TryGetAsync<StoredSecret>(KeyOf(world), cancellationToken);
        if (stored?.Metadata.ResourceVersion != found.Secret?.Metadata.ResourceVersion)
            throw new StaleSecretException(cause: null);
    }

    /// <summary>The credentials in a Secret; those that are missing or no longer usable are generated.</summary>
    /// <exception cref="BackendException">The backend's signing key is unusable.</exception>
    public WorldCredentials Credentials(ReconcileContext context)
    {
        var (secret, backend) = (context.Secret, context.Backend);
        return new WorldCredentials
        {
            PostgresPassword = secret.Find(AetherVariables.PostgresPassword) ?? WorldCredentials.NewPassword(),
            RedisPassword = backend.Redis is { } redis
                ? FindRedisPassword(secret, redis) ?? WorldCredentials.NewPassword()
                : null,
            PostgresNextPassword = secret.Find(AetherVariables.PostgresNextPassword),
            RedisNextPassword = backend.Redis is null ? null : secret.Find(AetherVariables.RedisNextPassword),
            Nats = NatsLogin(secret.Find(AetherVariables.NatsCredentials), context),
            Certificates =
            [
                backend.Postgres.Certificates.Agents,
                backend.Redis?.Certificates.Agents,
                backend.Nats?.Certificates.Agents,
            ],
        };
    }

    /// <summary>The new credentials alone, with a new NATS user if the world has one of its own.</summary>
    /// <exception cref="BackendException">The backend's signing key is unusable.</exception>
    public WorldCredentials Switched(WorldCredentials current, ReconcileContext context) =>
        current.Switched(NatsLogin(null, context));

    /// <summary>Writes the Secret if it differs; true if it was written.</summary>
    /// <exception cref="BackendException">The API server refuses the Secret.</exception>
    /// <exception cref="StaleSecretException">The Secret is from the cache, and the stored one is another.</exception>
    public async Task<bool> EnsureAsync(
        WorldPersistence world,
        FoundSecret found,
        IDictionary<string, string> settings,
        CancellationToken cancellationToken)
    {
        try
        {
            return await TryEnsureAsync(world, found.Secret, settings, cancellationToken);
        }
        catch (ApiException refusal) when (!found.IsLive && (refusal.IsConflict || refusal.IsAlreadyExists))
        {
            throw new StaleSecretException(refusal);
        }
        catch (ApiException refusal) when (refusal.IsForbidden || refusal.IsInvalid)
        {
            throw new BackendException(WorldReason.SecretRefused,
                $"The API server refuses Secret '{KeyOf(world)}', which this world's pods need: "
                + $"{refusal.Status.Message?.TrimEnd('.')}. Remove the cause: a quota, a policy, a missing right of "
                + "the operator, or the Secret itself if it is immutable.",
                refusal);
        }
    }

    /// <summary>The world that owns a Secret; none if it is not a world's.</summary>
    public static IEnumerable<ObjectKey> WorldOf(StoredSecret secret) =>
        (secret.Metadata.OwnerReferences ?? [])
            .Where(owner => owner.Kind == WorldPersistence.KindName)
            .Select(owner => new ObjectKey(secret.Metadata.NamespaceProperty, owner.Name));

    /// <summary>Deletes the Secret if it belongs to this world.</summary>
    public async Task DeleteAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        // Live: a cached Secret may have become another resource's since.
        var secret = await objects.TryGetAsync<StoredSecret>(KeyOf(world), cancellationToken);
        if (secret is not null && FoundSecret.IsOwnedBy(secret, world.Metadata.Uid))
            await objects.DeleteAsync<StoredSecret>(
                KeyOf(world), new V1Preconditions { Uid = secret.Metadata.Uid }, cancellationToken);
    }

    private async Task<bool> TryEnsureAsync(
        WorldPersistence world,
        StoredSecret? secret,
        IDictionary<string, string> settings,
        CancellationToken cancellationToken)
    {
        var data = settings.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value));
        if (secret is null)
        {
            await objects.CreateAsync(New(world, data), cancellationToken);
            return true;
        }

        if (SameData(secret.Data, data) && FoundSecret.IsOwnedBy(secret, world.Metadata.Uid) && secret.IsLabelled)
            return false;

        secret.Data = data;
        secret.Metadata.Labels = new Dictionary<string, string>(secret.Metadata.Labels ?? Labels)
        {
            [StoredSecret.MakerLabel] = OperatorNames.Operator,
        };
        secret.Metadata.OwnerReferences = [OwnerReference(world)];
        await objects.ReplaceAsync(secret, cancellationToken);
        return true;
    }

    // While worlds share a Redis user, the Secret holds the shared password, which must never become a world's own.
    private static string? FindRedisPassword(FoundSecret secret, RedisAccess redis) =>
        secret.Find(AetherVariables.RedisPassword) is { } found && found != redis.Password ? found : null;

    // An issued user takes precedence over one of the backend's list, and that over the operator's own.
    private NatsLogin? NatsLogin(string? file, ReconcileContext context) => context.Backend.Nats is { } nats
        ? NatsUser(file, context, nats) ?? nats.WorldUsers?.Find(context.World.Status.Stores?.NatsUser) ?? Shared(nats)
        : null;

    private static NatsLogin? Shared(NatsAccess nats) => nats is { SharedCredentials: true, WorldUsers: null }
        ? new NatsLogin
        {
            CredentialsFile = nats.CredentialsFile,
            Username = nats.Username,
            Password = nats.Password,
            IsShared = true,
        }
        : null;

    private NatsLogin? NatsUser(string? file, ReconcileContext context, NatsAccess nats)
    {
        if (nats.SigningSeed is null)
            return null;

        try
        {
            using var issuer = new NatsUserIssuer(nats.SigningSeed, nats.AccountPublicKey);
            var permissions = NatsPermissions.For(
                context.Names, context.Profile.Journal == JournalKind.JetStream, nats.Domain);
            var user = file is not null
                && NatsCredentials.TryParse(file, out var current)
                && issuer.IsCurrent(current, context.Names.Id, permissions)
                    ? current
                    : issuer.Issue(context.Names.Id, permissions, clock.GetUtcNow());
            return new NatsLogin { CredentialsFile = user.Format() };
        }
        catch (ArgumentException exception)
        {
            throw new BackendException(WorldReason.InvalidCredentials,
                $"The Secret of the backend's spec.nats.accountSigningKeySecretRef cannot be used: {exception.Message}",
                exception);
        }
    }

    private static FoundSecret Own(StoredSecret? secret, WorldPersistence world) =>
        FoundSecret.Of(secret, world) ?? throw new BackendException(WorldReason.SecretConflict,
            $"Secret '{KeyOf(world)}' exists but was not created by the operator for a world of this name, so the "
            + "operator does not touch it: remove or rename it.");

    private static Dictionary<string, string> Labels => new()
    {
        [StoredSecret.MakerLabel] = OperatorNames.Operator,
        ["app.kubernetes.io/part-of"] = "aether-persistence",
    };

    private static StoredSecret New(WorldPersistence world, Dictionary<string, byte[]> data) => new()
    {
        Type = "Opaque",
        Metadata = new V1ObjectMeta
        {
            Name = KeyOf(world).Name,
            NamespaceProperty = world.Metadata.NamespaceProperty,
            Labels = Labels,
            OwnerReferences = [OwnerReference(world)],
        },
        Data = data,
    };

    private static V1OwnerReference OwnerReference(WorldPersistence world) => new()
    {
        ApiVersion = WorldPersistence.GroupVersion,
        Kind = WorldPersistence.KindName,
        Name = world.Metadata.Name,
        Uid = world.Metadata.Uid,
        Controller = true,
    };

    private static ObjectKey KeyOf(WorldPersistence world) =>
        new(world.Metadata.NamespaceProperty, Names(world).Secret);

    private static WorldNames Names(WorldPersistence world) =>
        WorldNames.For(world.Metadata.NamespaceProperty, world.Metadata.Name);

    private static bool SameData(IDictionary<string, byte[]>? found, Dictionary<string, byte[]> due) =>
        found?.Count == due.Count
        && due.All(entry => found.TryGetValue(entry.Key, out var value) && value.AsSpan().SequenceEqual(entry.Value));
}
