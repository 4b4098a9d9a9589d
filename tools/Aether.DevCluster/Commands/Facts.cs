using System.Globalization;

namespace Aether.DevCluster.Commands;

/// <summary>Reads lines of <c>name=value</c> words, as printed by the sample world.</summary>
internal static class Facts
{
    /// <summary>The words of a line that have a value.</summary>
    public static IReadOnlyDictionary<string, string> Of(string line) => line.Split(' ')
        .Select(word => word.Split('=', 2)).Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary>A value that is a whole number.</summary>
    public static long Number(this IReadOnlyDictionary<string, string> facts, string name) =>
        long.Parse(facts[name], CultureInfo.InvariantCulture);
}
