using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>How a reconcile, a finalizer or the report of a deletion ended.</summary>
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

    /// <summary>The object that was worked on.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether the work is done. Only then is a finalizer's identifier removed.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess => ErrorMessage is null;

    /// <summary>Why the work is not done; null if it is. It is logged, so it must not hold secrets.</summary>
    public string? ErrorMessage { get; }

    /// <summary>The exception behind the failure, for the log; null if there is none.</summary>
    public Exception? Error { get; }

    /// <summary>
    /// When the object is reconciled again at the latest. Null after a success: when it changes, or at the next resync.
    /// Null after a failure: when the object's growing backoff has passed.
    /// </summary>
    public TimeSpan? RequeueAfter { get; }

    /// <summary>The work is done; the object's backoff starts from its beginning.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, null, null, requeueAfter);

    /// <summary>
    /// The work could not be done, for a reason that is expected to occur, such as a store that cannot be reached.
    /// </summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorMessage);
        return new ReconciliationResult<TEntity>(entity, errorMessage, error, requeueAfter);
    }
}
