using k8s.Models;

namespace Aether.ControllerRuntime.Tests.Widgets;

/// <summary>The CRD of <see cref="Widget"/>.</summary>
internal static class WidgetDefinition
{
    public static V1CustomResourceDefinition Build() => new()
    {
        Metadata = new V1ObjectMeta { Name = "widgets.test.dev" },
        Spec = new V1CustomResourceDefinitionSpec
        {
            Group = "test.dev",
            Scope = "Namespaced",
            Names = new V1CustomResourceDefinitionNames { Kind = "Widget", Plural = "widgets", Singular = "widget" },
            Versions =
            [
                new V1CustomResourceDefinitionVersion
                {
                    Name = "v1",
                    Served = true,
                    Storage = true,
                    Subresources = new V1CustomResourceSubresources { Status = new object() },
                    Schema = new V1CustomResourceValidation { OpenAPIV3Schema = Schema() },
                },
            ],
        },
    };

    private static V1JSONSchemaProps Schema() => Object(
        ("spec", Object(("color", Plain("string")), ("size", Plain("integer")))),
        ("status", new V1JSONSchemaProps { Type = "object", XKubernetesPreserveUnknownFields = true }));

    private static V1JSONSchemaProps Object(params (string Name, V1JSONSchemaProps Schema)[] properties) =>
        new() { Type = "object", Properties = properties.ToDictionary(p => p.Name, p => p.Schema) };

    private static V1JSONSchemaProps Plain(string type) => new() { Type = type };
}
