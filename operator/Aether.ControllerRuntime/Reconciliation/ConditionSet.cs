using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>
/// Edits the conditions of a status by the API conventions: one condition per type, a transition time that changes only
/// with the status, and the observed generation.
/// </summary>
/// <param name="conditions">The status's own list, edited in place.</param>
/// <param name="observedGeneration">The generation of the object to which the conditions apply.</param>
/// <param name="clock">The clock for transition times.</param>
public sealed class ConditionSet(IList<V1Condition> conditions, long? observedGeneration, TimeProvider clock)
{
    /// <summary>Whether any edit changed a condition, including its observed generation.</summary>
    public bool Changed { get; private set; }

    /// <summary>The condition of a type; null if it is absent.</summary>
    public V1Condition? Find(string type) => conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether the condition is present and true, for any generation.</summary>
    public bool IsTrue(string type) => Find(type)?.Status == nameof(ConditionStatus.True);

    /// <summary>Sets a condition.</summary>
    /// <param name="type">A state, such as <c>Ready</c>.</param>
    /// <param name="status">Whether the state holds.</param>
    /// <param name="reason">The cause, in CamelCase.</param>
    /// <param name="message">An explanation for users; must not contain secrets.</param>
    /// <returns>True if the status or the reason changed: a transition, worth an event.</returns>
    public bool Set(string type, ConditionStatus status, string reason, string message)
    {
        var condition = Find(type);
        if (condition is null)
        {
            condition = new V1Condition { Type = type, LastTransitionTime = Now() };
            conditions.Add(condition);
        }

        var text = status.ToString();
        if (condition.Status != text)
            condition.LastTransitionTime = Now();
        var transition = condition.Status != text || condition.Reason != reason;
        if (!transition && condition.Message == message && condition.ObservedGeneration == observedGeneration)
            return false;

        condition.Status = text;
        condition.Reason = reason;
        condition.Message = message;
        condition.ObservedGeneration = observedGeneration;
        Changed = true;
        return transition;
    }

    /// <summary>Sets a condition whose reason is the name of an enum's value.</summary>
    /// <inheritdoc cref="Set(string, ConditionStatus, string, string)"/>
    public bool Set(string type, ConditionStatus status, Enum reason, string message) =>
        Set(type, status, reason.ToString(), message);

    /// <summary>Removes a condition that no longer applies; false if it was absent.</summary>
    public bool Remove(string type)
    {
        if (Find(type) is not { } condition)
            return false;

        conditions.Remove(condition);
        Changed = true;
        return true;
    }

    // The API server keeps whole seconds: a fraction would show as a change when the status is read back.
    private DateTime Now()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }
}
