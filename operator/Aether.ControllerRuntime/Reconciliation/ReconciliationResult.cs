using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>The result of a reconcile, of a finalizer or of the report of a deletion.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
[SuppressMessage(
    "Design", "CA1000:Do not declare static members on generic types", Justification = "The factories are KubeOps'.")]
public sealed record ReconciliationResult<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity, string? errorMessage, Exception? error, TimeSpan? requeueAfter)
    {
        Entity = entity;
        ErrorMessage = errorMessage;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    /// <summary>The object of the reconcile.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether the work is complete. A finalizer's identifier is removed only then.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess => ErrorMessage is null;

    /// <summary>
    /// Why the work is incomplete; null if it is complete. It is logged, so it must not contain secrets.
    /// </summary>
    public string? ErrorMessage { get; }

    /// <summary>The exception that caused the failure, for the log; null if there is none.</summary>
    public Exception? Error { get; }

    /// <summary>
    /// The delay after which the object is reconciled again at the latest. Null after a success: when the object
    /// changes, or at the next resync. Null after a failure: after the object's growing backoff.
    /// </summary>
    public TimeSpan? RequeueAfter { get; }

    /// <summary>The work is complete; the object's backoff is reset.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, null, null, requeueAfter);

    /// <summary>The work is incomplete for an expected reason, such as an unreachable store.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorMessage);
        return new ReconciliationResult<TEntity>(entity, errorMessage, error, requeueAfter);
    }
}
