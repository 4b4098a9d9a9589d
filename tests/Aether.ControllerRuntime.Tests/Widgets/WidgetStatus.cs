using k8s.Models;

namespace Aether.ControllerRuntime.Tests.Widgets;

public sealed class WidgetStatus
{
    public int Reconciles { get; set; }

    public long? ObservedGeneration { get; set; }

    public IList<V1Condition> Conditions { get; set; } = [];
}
