namespace Aether.ControllerRuntime;

/// <summary>Declares the rights that a class needs at the API server.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RbacAttribute : Attribute
{
    /// <summary>The verbs that the class uses.</summary>
    public RbacVerb Verbs { get; init; }

    /// <summary>The rules, one per resource.</summary>
    public abstract IEnumerable<RbacRule> Rules { get; }
}
