namespace Aether.Operator.Kinds;

/// <summary>A reference to a Secret. The required keys depend on the field; docs/api.md lists them.</summary>
internal sealed class SecretReference
{
    public string Name { get; set; } = "";

    public string Namespace { get; set; } = "aether-system";
}
