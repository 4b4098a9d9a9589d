namespace Aether.Persistence.Stores.JetStream;

/// <summary>Converts event types to subjects of a world, and back.</summary>
internal sealed class EventSubjects(string prefix)
{
    private const string AnyFurther = ".*";
    private readonly string _events = prefix + "events.";

    /// <summary>Subject of the mark that a new writer leaves.</summary>
    public string Epoch { get; } = prefix + "epoch";

    public string Of(string type)
    {
        CheckType(type, nameof(type));
        return _events + type;
    }

    public string Filter(string typeFilter)
    {
        if (typeFilter.Length == 0)
            return _events + ">";
        if (!typeFilter.EndsWith(AnyFurther, StringComparison.Ordinal))
            return Of(typeFilter);
        var type = typeFilter[..^AnyFurther.Length];
        CheckType(type, nameof(typeFilter));
        return $"{_events}{type}.>";
    }

    /// <summary>Whether <paramref name="filter"/> selects <paramref name="subject"/>.</summary>
    public static bool Matches(string filter, string subject) => filter.EndsWith('>')
        ? subject.StartsWith(filter.AsSpan(..^1), StringComparison.Ordinal)
        : subject == filter;

    public string TypeOf(string subject) => subject[_events.Length..];

    private static void CheckType(string type, string parameter)
    {
        var isValid = type.Split('.').All(token => token.Length > 0)
            && type.All(c => c is > ' ' and < (char)127 and not ('*' or '>'));
        if (!isValid)
        {
            throw new ArgumentException(
                $"The event type '{type}' is not a dotted name of visible ASCII characters without '*' and '>'.",
                parameter);
        }
    }
}
