using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aether.ControllerRuntime;

/// <summary>
/// Healthy when every cache has read its first list and, in the leader, every controller runs all its workers.
/// </summary>
internal sealed class ControllerRuntimeHealthCheck(
    IEnumerable<ICacheLoop> caches, IEnumerable<IControllerLoop> controllers, ILeadership leadership) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var empty = caches.Where(cache => !cache.HasSynced).Select(cache => $"{cache.Kind} not yet listed");
        var idle = controllers
            .Where(controller => leadership.IsLeader && !controller.IsRunning)
            .Select(controller => $"controller {controller.Name} not running");
        var problems = string.Join("; ", empty.Concat(idle));
        return Task.FromResult(
            problems.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(problems));
    }
}
