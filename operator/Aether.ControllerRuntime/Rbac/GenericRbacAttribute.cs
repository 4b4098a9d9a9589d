namespace Aether.ControllerRuntime;

/// <summary>Declares rights on resources that no type of this process stands for, such as subresources.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericRbacAttribute : RbacAttribute
{
    /// <summary>API groups; the empty one is the core group.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>Plural names of the resources, each with its subresource after a slash.</summary>
    public string[] Resources { get; init; } = [];

    /// <inheritdoc />
    public override IEnumerable<RbacRule> Rules =>
        Groups.SelectMany(_ => Resources, (group, resource) => new RbacRule(group, resource, Verbs));
}
