using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>
/// Reports what happens to an object as Kubernetes events, for <c>kubectl describe</c> and <c>kubectl get events</c>.
/// </summary>
/// <remarks>
/// Report transitions, not states: call it once per change. Calls return at once; events are written in the background,
/// and failures are logged and counted but never thrown. Repetitions of an event within six minutes raise the count of
/// the first one.
/// </remarks>
public interface IEventRecorder
{
    /// <summary>Reports success or progress.</summary>
    /// <param name="regarding">The object of the event.</param>
    /// <param name="reason">The cause, in CamelCase.</param>
    /// <param name="action">The controller's action or attempt, in CamelCase.</param>
    /// <param name="note">An explanation for users, cut at 1024 bytes; must not contain secrets.</param>
    void Normal(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note);

    /// <summary>Reports a problem, or a state that needs attention.</summary>
    /// <param name="regarding">The object of the event.</param>
    /// <param name="reason">The cause, in CamelCase.</param>
    /// <param name="action">The controller's action or attempt, in CamelCase.</param>
    /// <param name="note">An explanation for users, cut at 1024 bytes; must not contain secrets.</param>
    void Warning(IKubernetesObject<V1ObjectMeta> regarding, string reason, string action, string note);
}
