namespace Aether.ControllerRuntime.Tests.Widgets;

public sealed class WidgetSpec
{
    public string? Color { get; set; }

    public int Size { get; set; }
}
