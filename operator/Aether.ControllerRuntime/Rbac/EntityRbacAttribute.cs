namespace Aether.ControllerRuntime;

/// <summary>Declares the rights that a class needs on kinds.</summary>
/// <param name="entities">The kinds.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class EntityRbacAttribute(params Type[] entities) : RbacAttribute
{
    /// <summary>The kinds.</summary>
    public IReadOnlyList<Type> Entities => entities;

    /// <inheritdoc />
    public override IEnumerable<RbacRule> Rules =>
        entities.Select(EntityKind.Of).Select(kind => new RbacRule(kind.Group, kind.Plural, Verbs));
}
