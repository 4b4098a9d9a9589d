namespace Aether.ControllerRuntime;

/// <summary>Whether a condition holds.</summary>
public enum ConditionStatus
{
    /// <summary>The condition holds.</summary>
    True,

    /// <summary>The condition does not hold.</summary>
    False,

    /// <summary>The controller cannot determine whether the condition holds.</summary>
    Unknown,
}
