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
/// The Secret with a world's credentials and settings. Passwords are made once and kept here; from then on the stores
/// follow the Secret.
/// </summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update | RbacVerb.Delete)]
internal sealed class WorldSecret(IObjectClient objects, TimeProvider clock)
{
    /// <summary>Reads the Secret.</summary>
    /// <exception cref="BackendException">One by its name exists that was not made for a world.</exception>
    public async Task<FoundSecret> ReadAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var key = KeyOf(world);
        return FoundSecret.Of(await objects.TryGetAsync<V1Secret>(key, cancellationToken), world)
            ?? throw new BackendException(WorldReason.SecretConflict,
                $"Secret '{key}' exists and was not made by the operator for a world of this name, so it was not "
                + "touched: remove or rename it.");
    }

    /// <summary>The credentials in a Secret, with new ones for those it lacks or that can no longer be used.</summary>
    /// <exception cref="BackendException">The backend's signing key cannot be used.</exception>
    public WorldCredentials Credentials(WorldPass pass)
    {
        var (secret, backend) = (pass.Secret, pass.Backend);
        return new WorldCredentials
        {
            PostgresPassword = secret.Find(AetherVariables.PostgresPassword) ?? WorldCredentials.NewPassword(),
            RedisPassword = backend.Redis is { } redis
                ? FindRedisPassword(secret, redis) ?? WorldCredentials.NewPassword()
                : null,
            PostgresNextPassword = secret.Find(AetherVariables.PostgresNextPassword),
            RedisNextPassword = backend.Redis is null ? null : secret.Find(AetherVariables.RedisNextPassword),
            Nats = NatsLogin(secret.Find(AetherVariables.NatsCredentials), pass),
            Certificates =
            [
                backend.Postgres.Certificates.Agents,
                backend.Redis?.Certificates.Agents,
                backend.Nats?.Certificates.Agents,
            ],
        };
    }

    /// <summary>The new credentials alone, with another NATS user where the world has one of its own.</summary>
    /// <exception cref="BackendException">The backend's signing key cannot be used.</exception>
    public WorldCredentials Switched(WorldCredentials current, WorldPass pass) =>
        current.Switched(NatsLogin(null, pass));

    /// <summary>Writes the Secret if it is not as it should be; true if it was written.</summary>
    /// <exception cref="BackendException">The API server does not take it.</exception>
    public async Task<bool> EnsureAsync(
        WorldPersistence world,
        V1Secret? secret,
        IDictionary<string, string> settings,
        CancellationToken cancellationToken)
    {
        try
        {
            return await TryEnsureAsync(world, secret, settings, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsForbidden || refusal.IsInvalid)
        {
            throw new BackendException(WorldReason.SecretRefused,
                $"The API server does not take Secret '{KeyOf(world)}', which this world's pods need: "
                + $"{refusal.Status.Message?.TrimEnd('.')}. Remove what is in the way: a quota, a policy, a missing "
                + "right of the operator's, or the Secret itself where it is immutable.",
                refusal);
        }
    }

    /// <summary>Removes the Secret if it is this world's.</summary>
    public async Task DeleteAsync(WorldPersistence world, CancellationToken cancellationToken)
    {
        var secret = await objects.TryGetAsync<V1Secret>(KeyOf(world), cancellationToken);
        if (secret is not null && FoundSecret.IsOwnedBy(secret, world.Metadata.Uid))
            await objects.DeleteAsync<V1Secret>(
                KeyOf(world), new V1Preconditions { Uid = secret.Metadata.Uid }, cancellationToken);
    }

    private async Task<bool> TryEnsureAsync(
        WorldPersistence world,
        V1Secret? secret,
        IDictionary<string, string> settings,
        CancellationToken cancellationToken)
    {
        var data = settings.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value));
        if (secret is null)
        {
            await objects.CreateAsync(New(world, data), cancellationToken);
            return true;
        }

        if (SameData(secret.Data, data) && FoundSecret.IsOwnedBy(secret, world.Metadata.Uid))
            return false;

        secret.Data = data;
        secret.Metadata.OwnerReferences = [OwnerReference(world)];
        await objects.ReplaceAsync(secret, cancellationToken);
        return true;
    }

    // While worlds share a user, the Secret holds that user's password, which must never become a world's own.
    private static string? FindRedisPassword(FoundSecret secret, RedisAccess redis) =>
        secret.Find(AetherVariables.RedisPassword) is { } found && found != redis.Password ? found : null;

    // An issued user comes before one of the backend's list, and that before the operator's own.
    private NatsLogin? NatsLogin(string? file, WorldPass pass) => pass.Backend.Nats is { } nats
        ? NatsUser(file, pass, nats) ?? nats.WorldUsers?.Find(pass.World.Status.Stores?.NatsUser) ?? Shared(nats)
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

    private NatsLogin? NatsUser(string? file, WorldPass pass, NatsAccess nats)
    {
        if (nats.SigningSeed is null)
            return null;

        try
        {
            using var issuer = new NatsUserIssuer(nats.SigningSeed, nats.AccountPublicKey);
            var permissions = NatsPermissions.For(
                pass.Names, pass.Profile.Journal == JournalKind.JetStream, nats.Domain);
            var user = file is not null
                && NatsCredentials.TryParse(file, out var current)
                && issuer.IsCurrent(current, pass.Names.Id, permissions)
                    ? current
                    : issuer.Issue(pass.Names.Id, permissions, clock.GetUtcNow());
            return new NatsLogin { CredentialsFile = user.Format() };
        }
        catch (ArgumentException exception)
        {
            throw new BackendException(WorldReason.InvalidCredentials,
                $"The Secret of the backend's spec.nats.accountSigningKeySecretRef cannot be used: {exception.Message}",
                exception);
        }
    }

    private static V1Secret New(WorldPersistence world, Dictionary<string, byte[]> data) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Type = "Opaque",
        Metadata = new V1ObjectMeta
        {
            Name = KeyOf(world).Name,
            NamespaceProperty = world.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string>
            {
                ["app.kubernetes.io/managed-by"] = OperatorNames.Operator,
                ["app.kubernetes.io/part-of"] = "aether-persistence",
            },
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
