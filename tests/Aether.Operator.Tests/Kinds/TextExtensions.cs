namespace Aether.Operator.Tests.Kinds;

internal static class TextExtensions
{
    /// <summary>YAML's reader gives defaults as objects, and .NET writes a boolean's name in capitals.</summary>
    public static string ToLowerInvariantIfBool(this string text) => bool.TryParse(text, out var flag)
        ? flag ? "true" : "false"
        : text;
}
