namespace Aether.Architecture.Tests;

/// <summary>A reference from one namespace to another.</summary>
/// <param name="From">The namespace that refers.</param>
/// <param name="To">The namespace it refers to.</param>
/// <param name="Example">Example of the reference, for messages.</param>
internal sealed record NamespaceReference(string From, string To, string Example)
{
    /// <inheritdoc />
    public override string ToString() => $"{From} -> {To} ({Example})";
}
