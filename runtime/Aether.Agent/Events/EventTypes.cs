namespace Aether.Agent.Events;

/// <summary>The names of events: parts of letters, digits, '_' and '-', separated by dots.</summary>
internal static class EventTypes
{
    /// <summary>Longest name.</summary>
    public const int MaxCharacters = 128;

    /// <summary>Largest event; NATS refuses a message over 1 MiB with its headers.</summary>
    public const int MaxDataBytes = 512 << 10;

    private const string AllBelow = ".*";

    public static bool IsType(string type) =>
        type.Length is > 0 and <= MaxCharacters && type.Split('.').All(part => part.Length > 0 && part.All(IsAllowed));

    /// <summary>Whether the text is a type, a type with ".*" at its end, or empty.</summary>
    public static bool IsFilter(string filter) => filter.Length == 0 || IsType(Stem(filter));

    /// <summary>A filter without the ".*" at its end.</summary>
    public static string Stem(string filter) =>
        filter.EndsWith(AllBelow, StringComparison.Ordinal) ? filter[..^AllBelow.Length] : filter;

    public static bool Matches(string filter, string type) =>
        filter.Length == 0
        || type == filter
        || (filter.EndsWith(AllBelow, StringComparison.Ordinal)
            && type.StartsWith(filter.AsSpan(0, filter.Length - 1), StringComparison.Ordinal));

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
