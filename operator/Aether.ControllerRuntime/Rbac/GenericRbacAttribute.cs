namespace Aether.ControllerRuntime;

/// <summary>
/// Declares the rights that a class needs on resources without a type in this process, such as subresources.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericRbacAttribute : RbacAttribute
{
    /// <summary>API groups; the empty string is the core group.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>Plural names of the resources, with a subresource after a slash.</summary>
    public string[] Resources { get; init; } = [];

    /// <inheritdoc />
    public override IEnumerable<RbacRule> Rules =>
        Groups.SelectMany(_ => Resources, (group, resource) => new RbacRule(group, resource, Verbs));
}
