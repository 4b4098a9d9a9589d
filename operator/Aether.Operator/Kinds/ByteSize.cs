using System.Globalization;

namespace Aether.Operator.Kinds;

/// <summary>Reads sizes as the CRDs allow them: a whole number of Mi, Gi or Ti.</summary>
internal static class ByteSize
{
    /// <summary>What such a text looks like; the CRDs carry the same pattern.</summary>
    public const string Pattern = "^[1-9][0-9]{0,5}(Mi|Gi|Ti)$";

    /// <summary>Reads a size that the validator let through.</summary>
    public static long Parse(string text)
    {
        var number = long.Parse(text.AsSpan(0, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture);
        return number << text[^2..] switch
        {
            "Mi" => 20,
            "Gi" => 30,
            "Ti" => 40,
            _ => throw new FormatException($"'{text}' is no size in Mi, Gi or Ti."),
        };
    }
}
