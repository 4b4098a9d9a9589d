using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Tells users in <c>kubectl describe</c> and <c>kubectl get events</c> what happened to an object.</summary>
/// <remarks>
/// For transitions, not for states: one call per change. Calls return at once; writing happens behind them and a
/// failure is logged and counted, never thrown. The same event again within the recorder's window raises the
/// first one's count instead of making another.
/// </remarks>
public interface IEventRecorder
{
    /// <summary>Something went as it should.</summary>
    /// <param name="regarding">The object it happened to.</param>
    /// <param name="reason">Why, in CamelCase.</param>
    /// <param name="action">What the controller did or tried, in CamelCase.</param>
    /// <param name="note">For people, cut at 1024 bytes; must not hold secrets.</param>
    void Normal(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note);

    /// <summary>Something went wrong, or somebody should look.</summary>
    /// <param name="regarding">The object it happened to.</param>
    /// <param name="reason">Why, in CamelCase.</param>
    /// <param name="action">What the controller did or tried, in CamelCase.</param>
    /// <param name="note">For people, cut at 1024 bytes; must not hold secrets.</param>
    void Warning(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note);
}
