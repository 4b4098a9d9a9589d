using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <content>What a world's Secret holds, and when.</content>
internal sealed partial class WorldPersistenceReconciler
{
    // The request with the credentials that the Secret is to hold while the stores still take the former ones.
    private ProvisioningRequest Announce(WorldPass pass, ProvisioningRequest request, RotationStep step)
    {
        var credentials = request.Credentials;
        if (step == RotationStep.Announce)
        {
            credentials = credentials.WithNext(
                withRedis: pass.Backend.Redis?.Isolation == RedisIsolation.PerWorldUser);
            rotation.Begin(pass.World);
            pass.Report.CredentialsAnnounced(pass.Names.Secret);
        }
        else if (step == RotationStep.Record)
        {
            rotation.End(pass.World, credentials.Revision);
            pass.Report.CredentialsRotated(pass.Names.Secret);
        }

        return request with { Credentials = credentials, IsRotating = step == RotationStep.Switch };
    }

    private async Task EnsureSecretAsync(
        WorldPass pass, FoundSecret secret, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var settings = WorldSettings.Write(pass.World, request);
        if (await secrets.EnsureAsync(pass.World, secret.Secret, settings, cancellationToken)
            && pass.World.Status.Stores?.SchemaProvisioned == true)
            pass.Report.SecretUpdated(request.Names.Secret);
    }

    // The stores take the new credentials alone; until the Secret says so too, agents try both.
    private async Task EndRotationAsync(
        WorldPass pass, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var secret = await secrets.ReadAsync(pass.World, cancellationToken);
        var settings = WorldSettings.Write(pass.World, request);
        await secrets.EnsureAsync(pass.World, secret.Secret, settings, cancellationToken);
        rotation.End(pass.World, request.Credentials.Revision);
        pass.Report.CredentialsRotated(request.Names.Secret);
    }

    // The schema has the last word: it may have been restored, or have proved that its data carries one more identity.
    private async Task FollowIdentityAsync(
        WorldPass pass, ProvisioningRequest inSecret, CancellationToken cancellationToken)
    {
        if (pass.World.Status.Stores?.Identities is not { Count: > 0 } found
            || found.SequenceEqual(inSecret.Owner.Identities))
            return;

        var owner = inSecret.Owner with { Identities = [.. found] };
        var secret = await secrets.ReadAsync(pass.World, cancellationToken);
        await EnsureSecretAsync(pass, secret, inSecret with { Owner = owner }, cancellationToken);
    }
}
