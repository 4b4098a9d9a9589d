using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A finalizer with its identifier.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="Identifier">The entry in <c>metadata.finalizers</c>, such as <c>example.dev/stores</c>.</param>
/// <param name="Finalizer">The finalizer.</param>
internal sealed record FinalizerRegistration<TEntity>(string Identifier, IEntityFinalizer<TEntity> Finalizer)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
