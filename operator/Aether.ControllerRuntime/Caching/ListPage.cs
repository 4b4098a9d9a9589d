namespace Aether.ControllerRuntime;

/// <summary>One page of a list: the version of the whole list, and the objects as JSON.</summary>
internal sealed record ListPage(string ResourceVersion, IReadOnlyList<string> Items);
