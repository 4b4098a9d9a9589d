using k8s.Models;

namespace Aether.ControllerRuntime.Tests.Widgets;

[KubernetesEntity(Group = "test.dev", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
public sealed class Widget : CustomKubernetesEntity<WidgetSpec, WidgetStatus>
{
    public static Widget Named(string @namespace, string name, string color = "red") => new()
    {
        Metadata = new V1ObjectMeta { NamespaceProperty = @namespace, Name = name },
        Spec = new WidgetSpec { Color = color },
    };
}
