using System.Globalization;

namespace Aether.Operator.Kinds;

/// <summary>Parses sizes in the CRDs' notation: a whole number of Mi, Gi or Ti.</summary>
internal static class ByteSize
{
    /// <summary>The notation as a pattern; the CRDs contain the same one.</summary>
    public const string Pattern = "^[1-9][0-9]{0,5}(Mi|Gi|Ti)$";

    /// <summary>Parses a validated size.</summary>
    public static long Parse(string text)
    {
        var number = long.Parse(text.AsSpan(0, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture);
        return number << text[^2..] switch
        {
            "Mi" => 20,
            "Gi" => 30,
            "Ti" => 40,
            _ => throw new FormatException($"'{text}' is not a size in Mi, Gi or Ti."),
        };
    }
}
