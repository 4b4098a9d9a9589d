using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>
/// The two conditions by which generic tools (kstatus: kpt, Flux, Argo CD, cli-utils) distinguish an object in progress
/// from one that needs a user's action. Each is present only while it is true.
/// </summary>
internal static class Progress
{
    /// <summary>The operator keeps retrying by itself.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Retrying does not help: a user must change what the message names.</summary>
    public const string Stalled = "Stalled";

    private static readonly HashSet<string> Lasting =
    [
        nameof(WorldReason.InvalidSpec), nameof(WorldReason.NamespaceNotAllowed), nameof(WorldReason.OtherShard),
        nameof(WorldReason.SecretConflict),
        .. StoreReasons.Lasting.Select(reason => reason.ToString()),
    ];

    /// <summary>Derives both conditions from Ready and the conditions of the stores.</summary>
    public static void Apply(ConditionSet conditions)
    {
        StoreName[] stores = [StoreName.Postgres, StoreName.Redis, StoreName.Nats];
        var ready = conditions.Find(WorldConditions.Ready);
        if (ready is null or { Status: "True" }
            or { Reason: nameof(WorldReason.Paused) or nameof(WorldReason.AgentFailed) })
        {
            conditions.Remove(Reconciling);
            conditions.Remove(Stalled);
            return;
        }

        var cause = stores.Select(store => conditions.Find(store.Condition))
            .Prepend(ready)
            .FirstOrDefault(condition => condition is { Status: "False" } && Lasting.Contains(condition.Reason));
        var (type, other, why) = cause is null ? (Reconciling, Stalled, ready) : (Stalled, Reconciling, cause);
        conditions.Set(type, ConditionStatus.True, why.Reason, why.Message);
        conditions.Remove(other);
    }
}
