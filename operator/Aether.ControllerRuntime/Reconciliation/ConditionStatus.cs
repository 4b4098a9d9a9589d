namespace Aether.ControllerRuntime;

/// <summary>Whether a condition holds.</summary>
public enum ConditionStatus
{
    /// <summary>It holds.</summary>
    True,

    /// <summary>It does not hold.</summary>
    False,

    /// <summary>The controller cannot tell.</summary>
    Unknown,
}
