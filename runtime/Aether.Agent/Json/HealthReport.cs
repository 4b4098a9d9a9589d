namespace Aether.Agent.Json;

/// <summary>The answer of /healthz and /readyz.</summary>
/// <param name="World">The world.</param>
/// <param name="Phase">What the agent is doing.</param>
/// <param name="Detail">The reason in words: what the agent waits for, how far it is.</param>
/// <param name="Sequence">The last applied commit; it grows during a recovery.</param>
/// <param name="Backends">The stores and the log that the world depends on.</param>
internal sealed record HealthReport(
    string World, string Phase, string Detail, ulong Sequence, IReadOnlyList<BackendHealth> Backends);
