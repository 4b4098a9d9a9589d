using System.Text;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Parses settings of the catalogue (<c>name=value</c>). Their quoting depends on settings such as
/// <c>quote_all_identifiers</c> at the time they were set, so they are compared by meaning.
/// </summary>
internal static class SettingText
{
    // The settings with a list of identifiers that PostgreSQL quotes itself.
    private static readonly HashSet<string> Lists =
        new(["search_path", "temp_tablespaces"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether both contain the same settings in any order.</summary>
    public static bool AreSame(IEnumerable<string> found, IEnumerable<string> due) =>
        found.Select(Parse).Order(StringComparer.Ordinal)
            .SequenceEqual(due.Select(Parse).Order(StringComparer.Ordinal));

    /// <summary>The names in a list such as <c>"a b", c</c>; the whole text if it is not such a list.</summary>
    public static IReadOnlyList<string> Names(string list)
    {
        var names = new List<string>();
        var rest = list.AsSpan().Trim();
        while (TryTakeName(ref rest) is { } name)
        {
            names.Add(name);
            if (rest.IsEmpty)
                return names;
            if (rest[0] != ',')
                break;
            rest = rest[1..].TrimStart();
        }

        return [list];
    }

    private static string? TryTakeName(ref ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || rest[0] != '"')
        {
            var end = rest.IndexOf(',');
            var bare = (end < 0 ? rest : rest[..end]).TrimEnd();
            rest = end < 0 ? [] : rest[end..];
            return bare.IsEmpty || bare.Contains('"') ? null : bare.ToString().ToLowerInvariant();
        }

        var name = new StringBuilder();
        for (var at = 1; at < rest.Length; at++)
        {
            if (rest[at] != '"')
                name.Append(rest[at]);
            else if (at + 1 < rest.Length && rest[at + 1] == '"')
                name.Append(rest[at++]);
            else
            {
                rest = rest[(at + 1)..].TrimStart();
                return name.ToString();
            }
        }

        return null;
    }

    // Returns the same text for all notations of the same setting.
    private static string Parse(string setting)
    {
        var end = setting.IndexOf('=', StringComparison.Ordinal);
        if (end < 0)
            return setting;
        var (name, value) = (setting[..end].Trim().ToLowerInvariant(), setting[(end + 1)..].Trim());
        return Lists.Contains(name) ? $"{name}={string.Join('\n', Names(value))}" : $"{name}={value}";
    }
}
