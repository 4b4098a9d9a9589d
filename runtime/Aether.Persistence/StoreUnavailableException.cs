namespace Aether.Persistence;

/// <summary>
/// A store could not be reached or did not answer, so it is unknown whether the request took effect. A retry makes
/// sense: every port documents what a retry after an unknown outcome does.
/// </summary>
public sealed class StoreUnavailableException(string store, string reason, Exception? inner = null)
    : Exception($"{store} is unavailable: {reason}", inner)
{
    /// <summary>Name of the store: "postgres", "redis" or "nats".</summary>
    public string Store { get; } = store;
}
