using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <content>Contents and updates of a world's Secret.</content>
internal sealed partial class WorldPersistenceReconciler
{
    // The request with the credentials that the Secret holds while the stores still accept the former ones.
    private ProvisioningRequest Announce(ReconcileContext context, ProvisioningRequest request, RotationStep step)
    {
        var credentials = request.Credentials;
        if (step == RotationStep.Announce)
        {
            credentials = credentials.WithNext(
                withRedis: context.Backend.Redis?.Isolation == RedisIsolation.PerWorldUser);
            rotation.Begin(context.World);
            context.Report.CredentialsAnnounced(context.Names.Secret);
        }
        else if (step == RotationStep.Record)
        {
            rotation.End(context.World, credentials.Revision);
            context.Report.CredentialsRotated(context.Names.Secret);
        }

        return request with { Credentials = credentials, IsRotating = step == RotationStep.Switch };
    }

    private async Task EnsureSecretAsync(
        ReconcileContext context, FoundSecret secret, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var settings = WorldSettings.Write(context.World, request);
        if (!await secrets.EnsureAsync(context.World, secret, settings, cancellationToken))
            return;
        context.Check.Written();
        if (context.World.Status.Stores?.SchemaProvisioned == true)
            context.Report.SecretUpdated(request.Names.Secret);
    }

    // The stores accept only the new credentials. Until the Secret holds only these too, agents try both.
    private async Task EndRotationAsync(
        ReconcileContext context, ProvisioningRequest request, CancellationToken cancellationToken)
    {
        var secret = await secrets.ReadLiveAsync(context.World, cancellationToken);
        var settings = WorldSettings.Write(context.World, request);
        await secrets.EnsureAsync(context.World, secret, settings, cancellationToken);
        rotation.End(context.World, request.Credentials.Revision);
        context.Report.CredentialsRotated(request.Names.Secret);
    }

    // The schema is authoritative: it may have been restored, or its data may carry one more identity than the Secret
    // names.
    private async Task FollowIdentityAsync(
        ReconcileContext context, ProvisioningRequest inSecret, CancellationToken cancellationToken)
    {
        if (context.World.Status.Stores?.Identities is not { Count: > 0 } found
            || found.SequenceEqual(inSecret.Owner.Identities))
            return;

        var owner = inSecret.Owner with { Identities = [.. found] };
        var secret = await secrets.ReadLiveAsync(context.World, cancellationToken);
        await EnsureSecretAsync(context, secret, inSecret with { Owner = owner }, cancellationToken);
    }
}
