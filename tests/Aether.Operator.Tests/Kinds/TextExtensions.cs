namespace Aether.Operator.Tests.Kinds;

internal static class TextExtensions
{
    /// <summary>The text, in lower case if it is a boolean, which .NET writes with a capital letter.</summary>
    public static string ToLowerInvariantIfBool(this string text) => bool.TryParse(text, out var flag)
        ? flag ? "true" : "false"
        : text;
}
