using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using Aether.ControllerRuntime.Admission;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Injection;

/// <summary>
/// Answers the API server about pods that are being created. It only reads, so a dry run needs no special treatment.
/// </summary>
[EntityRbac(typeof(WorldPersistence), Verbs = RbacVerb.Get)]
internal sealed class PodWebhook(
    IEntityCache<WorldPersistence> cache, IObjectClient objects, InjectionOptions options, InjectionMetrics metrics,
    TimeProvider clock) : MutationWebhook<WorldPod>
{
    /// <summary>The webhook's path, as in its configuration.</summary>
    public const string Path = "/inject-pods";

    /// <summary>Shorter than the webhook's own timeout, so that the API server receives the reason.</summary>
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(5);

    public override async Task<MutationResult<WorldPod>> CreateAsync(
        WorldPod entity, bool dryRun, CancellationToken cancellationToken)
    {
        if (Request is not { SubResource: null, Kind: "Pod", NewObject: { } pod })
            return NoChanges();
        if (pod["metadata"]?["labels"]?[AetherNames.WorldLabel] is not { } label)
            return NoChanges();

        try
        {
            return await DecideAsync(pod, (string?)label, cancellationToken);
        }
        catch
        {
            metrics.CountError();
            throw;
        }
    }

    private async Task<MutationResult<WorldPod>> DecideAsync(
        JsonObject pod, string? label, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(label))
        {
            return Refuse(new PodRefusal(
                PodRefusalReason.EmptyLabel,
                $"The label {AetherNames.WorldLabel} is empty: name a WorldPersistence, or remove the label."));
        }

        var names = WorldNames.For(Request.Namespace!, label);
        var world = await FindAsync(names, cancellationToken);
        if (world is null && RestoredPod.HasAgentOf(names, pod))
            return Restored(names);
        if (WorldAdmission.WhyRefused(names, world) is { } refusal)
            return Refuse(refusal);

        var injection = PodInjector.Inject(pod, world!, options);
        if (injection.IsRefused)
            return Refuse(new PodRefusal(PodRefusalReason.PodUnfit, string.Join(' ', injection.Refusals)));

        metrics.CountAllowed(isInjected: !JsonNode.DeepEquals(pod, injection.Pod));
        var claim = await ClaimSize.CheckAsync(world!, objects, clock, cancellationToken);
        return Modified(injection.Pod, [.. injection.Warnings, .. claim]);
    }

    // A backup is restored kind by kind, pods before custom resources, and no controller would recreate a refused bare
    // pod.
    private MutationResult<WorldPod> Restored(WorldNames names)
    {
        metrics.CountAllowed(isInjected: false);
        return NoChanges(
            $"WorldPersistence {names.Name} in namespace {names.Namespace} does not exist yet. The pod already has its "
            + $"agent, and starts once the operator has created Secret {names.Secret} for the world.");
    }

    private MutationResult<WorldPod> Refuse(PodRefusal refusal)
    {
        metrics.Count(refusal);
        return Fail(refusal.Message);
    }

    // The cache lags: before refusing a pod, ask the API server, since the world may have been created or resumed a
    // moment ago.
    private async Task<WorldPersistence?> FindAsync(WorldNames names, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(names.Namespace, names.Name);
        if (cache.TryGet(key, out var cached) && WorldAdmission.WhyRefused(names, cached) is null)
            return cached;

        using var deadline = new CancellationTokenSource(LookupTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await objects.TryGetAsync<WorldPersistence>(key, either.Token);
    }
}
