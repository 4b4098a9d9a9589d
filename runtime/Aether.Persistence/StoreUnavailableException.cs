namespace Aether.Persistence;

/// <summary>
/// A store could not be reached or did not answer; whether the request took effect is unknown. Worth retrying:
/// every port says how a retry after an unknown outcome behaves.
/// </summary>
public sealed class StoreUnavailableException(string store, string reason, Exception? inner = null)
    : Exception($"{store} is unavailable: {reason}", inner)
{
    /// <summary>Name of the store: "postgres", "redis" or "nats".</summary>
    public string Store { get; } = store;
}
