using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>
/// Edits the conditions of a status as the API conventions ask: one per type, a transition time that moves only with
/// the status, the generation they were judged for.
/// </summary>
/// <param name="conditions">The status's own list, edited in place.</param>
/// <param name="observedGeneration">The generation of the object being judged.</param>
/// <param name="clock">Gives transition times.</param>
public sealed class ConditionSet(IList<V1Condition> conditions, long? observedGeneration, TimeProvider clock)
{
    /// <summary>Whether any edit so far changed anything, the observed generation included.</summary>
    public bool Changed { get; private set; }

    /// <summary>The condition of a type; null if there is none.</summary>
    public V1Condition? Find(string type) => conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether the condition is there and true, for whatever generation.</summary>
    public bool IsTrue(string type) => Find(type)?.Status == nameof(ConditionStatus.True);

    /// <summary>Sets a condition.</summary>
    /// <param name="type">A state, such as <c>Ready</c>.</param>
    /// <param name="status">Whether it holds.</param>
    /// <param name="reason">A cause in CamelCase.</param>
    /// <param name="message">For people; must not hold secrets.</param>
    /// <returns>True if the status or the reason became another: a transition, worth an event.</returns>
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

    /// <summary>Takes a condition away that no longer applies; false if there was none.</summary>
    public bool Remove(string type)
    {
        if (Find(type) is not { } condition)
            return false;

        conditions.Remove(condition);
        Changed = true;
        return true;
    }

    // The API server keeps whole seconds; more would look like a change when read back.
    private DateTime Now()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
    }
}
