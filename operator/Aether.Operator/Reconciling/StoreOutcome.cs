using System.Diagnostics.CodeAnalysis;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;

namespace Aether.Operator.Reconciling;

/// <summary>The outcome of the work on one store of a world: an inspection or a failure.</summary>
internal sealed record StoreOutcome
{
    private StoreOutcome(StoreName store, StoreInspection? inspection, ProvisioningException? failure)
    {
        Store = store;
        Inspection = inspection;
        Failure = failure;
    }

    /// <summary>The store.</summary>
    public StoreName Store { get; }

    /// <summary>The store's state before any repair; null if the work failed.</summary>
    public StoreInspection? Inspection { get; }

    /// <summary>Why the work failed; null if it succeeded.</summary>
    public ProvisioningException? Failure { get; }

    /// <summary>Whether the store was inspected and, if requested, repaired.</summary>
    [MemberNotNullWhen(true, nameof(Inspection))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsSuccess => Failure is null;

    /// <summary>Whether the work failed in a way that a retry may resolve.</summary>
    public bool MayBeRetried => Failure is not null && !StoreReasons.Lasting.Contains(Failure.Reason);

    /// <summary>The work succeeded.</summary>
    public static StoreOutcome Success(StoreName store, StoreInspection inspection) => new(store, inspection, null);

    /// <summary>The work failed because of the store, its credentials or its owner.</summary>
    public static StoreOutcome Failed(StoreName store, ProvisioningException failure) => new(store, null, failure);
}
