using System.Text.RegularExpressions;

namespace Aether.DevCluster.Nodes;

/// <summary>Expands <c>$(NAME)</c> in commands, arguments and values; <c>$$</c> stands for a dollar.</summary>
internal static partial class VariableReferences
{
    /// <summary>A reference to a variable that is not there stays as it is, as in Kubernetes.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables) =>
        Reference().Replace(text, match =>
            match.Value == "$$" ? "$" : variables.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    [GeneratedRegex(@"\$\$|\$\((?<name>[^)]+)\)")]
    private static partial Regex Reference();
}
