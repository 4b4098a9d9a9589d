namespace Aether.Operator.Kinds;

/// <summary>Names a Secret. Which keys it must hold depends on the field; docs/api.md lists them.</summary>
internal sealed class SecretReference
{
    public string Name { get; set; } = "";

    public string Namespace { get; set; } = "aether-system";
}
