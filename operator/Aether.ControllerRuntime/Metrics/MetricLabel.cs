namespace Aether.ControllerRuntime;

/// <summary>Gives the label by which metrics and spans show an enum's value: its name in lower case.</summary>
internal static class MetricLabel
{
    public static string Of<TValue>(TValue value)
        where TValue : struct, Enum => value.ToString().ToLowerInvariant();
}
