namespace Aether.ControllerRuntime;

/// <summary>Rights on one resource.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Plural name of the resource, with a subresource after a slash.</param>
/// <param name="Verbs">The allowed verbs.</param>
public sealed record RbacRule(string Group, string Resource, RbacVerb Verbs);
