namespace Aether.ControllerRuntime;

/// <summary>Declares rights at the API server that a class needs.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RbacAttribute : Attribute
{
    /// <summary>What the class does with the resources.</summary>
    public RbacVerb Verbs { get; init; }

    /// <summary>The rules, one for each resource.</summary>
    public abstract IEnumerable<RbacRule> Rules { get; }
}
