using System.Text.RegularExpressions;

namespace Aether.DevCluster.Nodes;

/// <summary>Expands <c>$(NAME)</c> in commands, arguments and values; <c>$$</c> becomes a dollar.</summary>
internal static partial class VariableReferences
{
    /// <summary>A reference to a variable that does not exist stays unchanged, as in Kubernetes.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables) =>
        Reference().Replace(text, match =>
            match.Value == "$$" ? "$" : variables.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    [GeneratedRegex(@"\$\$|\$\((?<name>[^)]+)\)")]
    private static partial Regex Reference();
}
