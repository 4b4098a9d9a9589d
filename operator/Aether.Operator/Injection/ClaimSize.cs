using System.Globalization;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>Compares the maximum log size with the size of the log's claim, which only the API server knows.</summary>
[EntityRbac(typeof(V1PersistentVolumeClaim), Verbs = RbacVerb.Get)]
internal static class ClaimSize
{
    // Leaves most of the webhook's own timeout for the pod.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Warnings about the claim; empty if there are none, or the claim does not exist yet.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(
        WorldPersistence world, IObjectClient objects, TimeProvider clock, CancellationToken cancellationToken)
    {
        var profile = WorldProfile.Resolve(world.Spec);
        if (profile.Volume?.PersistentVolumeClaim is not { } source || !profile.WalEnabled)
            return [];
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var key = new ObjectKey(world.Metadata.NamespaceProperty, source.ClaimName);
            var claim = await objects.TryGetAsync<V1PersistentVolumeClaim>(key, either.Token);
            return SizeOf(claim) is { } size && size <= profile.MaxLogBytes
                ? [Warning(source.ClaimName, size, profile.MaxLogBytes)]
                : [];
        }
        catch (Exception failure) when (
            failure is ApiException or HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            // Only warn: during an upgrade the operator may start before its new rights exist, and no pod is refused
            // for a hint.
            return
            [
                $"PersistentVolumeClaim {source.ClaimName} could not be read, so its size was not compared with "
                + $"spec.wal.maxBytes: {failure.Message}",
            ];
        }
    }

    private static long? SizeOf(V1PersistentVolumeClaim? claim)
    {
        var quantity = claim?.Status?.Capacity?.TryGetValue("storage", out var capacity) == true
            ? capacity
            : claim?.Spec?.Resources?.Requests?.TryGetValue("storage", out var request) == true ? request : null;
        return quantity is null ? null : (long)quantity.ToDecimal();
    }

    private static string Warning(string claim, long size, long limit) => string.Create(
        CultureInfo.InvariantCulture,
        $"PersistentVolumeClaim {claim} has {size >> 20}Mi, the log may take {limit >> 20}Mi (spec.wal.maxBytes): ")
        + "when the volume is full, commits are refused until a snapshot frees space. Lower spec.wal.maxBytes, or "
        + "enlarge the claim.";
}
