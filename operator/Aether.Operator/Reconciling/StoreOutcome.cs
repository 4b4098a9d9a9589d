using System.Diagnostics.CodeAnalysis;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>How the work on one store of a world ended: with an inspection, or with a failure.</summary>
internal sealed record StoreOutcome
{
    private StoreOutcome(StoreName store, StoreInspection? inspection, ProvisioningException? failure)
    {
        Store = store;
        Inspection = inspection;
        Failure = failure;
    }

    /// <summary>Which kind of store.</summary>
    public StoreName Store { get; }

    /// <summary>What the store held before the operator repaired it; null if the work failed.</summary>
    public StoreInspection? Inspection { get; }

    /// <summary>Why the work failed; null if it did not.</summary>
    public ProvisioningException? Failure { get; }

    /// <summary>Whether the store was inspected, and repaired where that was asked for.</summary>
    [MemberNotNullWhen(true, nameof(Inspection))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsSuccess => Failure is null;

    /// <summary>Whether the work failed in a way that a retry may mend.</summary>
    public bool MayBeRetried => Failure is not null && !StoreReasons.Lasting.Contains(Failure.Reason);

    /// <summary>The work ended well.</summary>
    public static StoreOutcome Success(StoreName store, StoreInspection inspection) => new(store, inspection, null);

    /// <summary>The store, its credentials or its owner stood in the way.</summary>
    public static StoreOutcome Failed(StoreName store, ProvisioningException failure) => new(store, null, failure);
}
