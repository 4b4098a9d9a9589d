namespace Aether.Agent.Json;

/// <summary>What /healthz and /readyz answer.</summary>
/// <param name="World">The world.</param>
/// <param name="Phase">What the agent is doing.</param>
/// <param name="Detail">Why, for people: whom it waits for, how far it is.</param>
/// <param name="Sequence">The last commit applied; grows while the state comes back.</param>
/// <param name="Backends">The stores and the log that the world depends on.</param>
internal sealed record HealthReport(
    string World, string Phase, string Detail, ulong Sequence, IReadOnlyList<BackendHealth> Backends);
