namespace Aether.Operator.Reconciling;

/// <summary>A reconcile used a cached Secret that is no longer the stored one: repeat it with the stored one.</summary>
internal sealed class StaleSecretException(Exception? cause)
    : Exception("The world's Secret has changed since the cache has seen it.", cause);
