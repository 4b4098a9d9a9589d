namespace Aether.Operator.Provisioning;

/// <summary>A store as far as it matters for whether it can be reached. Holds no password.</summary>
/// <param name="Store">Which kind of store.</param>
/// <param name="Address">Where it is, for people.</param>
/// <param name="Terms">All else that decides, such as TLS.</param>
internal sealed record StorePlace(StoreName Store, string Address, string Terms);
