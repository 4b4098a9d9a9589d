namespace Aether.Operator.Kinds;

/// <summary>Collects the errors of a spec, each with the path of its field.</summary>
internal sealed class FieldErrors
{
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> All => _errors;

    /// <summary>Adds an error of the field at <paramref name="path"/>.</summary>
    public void Add(string path, string complaint) => _errors.Add($"{path}: {complaint}");

    /// <summary>Requires a member of an enum; null means the default of the class.</summary>
    public void OneOf<TEnum>(string path, string? word)
        where TEnum : struct, Enum
    {
        if (word is not null && !Enum.GetNames<TEnum>().Contains(word))
            Add(path, $"'{word}' is unknown: use one of {string.Join(", ", Enum.GetNames<TEnum>())}");
    }

    /// <summary>Requires a number within limits.</summary>
    public void Range(string path, int number, int least, int most)
    {
        if (number < least || number > most)
            Add(path, $"{number} is out of range: use {least} to {most}");
    }

    /// <summary>Requires a text that matches a pattern; null means that the optional field is absent.</summary>
    public void Text(string path, string? text, string pattern, int longest, string example)
    {
        if (text is null)
            return;
        if (text.Length == 0)
            Add(path, $"is required: {example}");
        else if (text.Length > longest)
            Add(path, $"is {text.Length} characters long: use at most {longest}");
        else if (!FieldPatterns.Matches(text, pattern))
            Add(path, $"'{text}' has the wrong form: {example}");
    }

    /// <summary>Requires a duration within limits; null means the default of the class.</summary>
    public void Duration(string path, string? text, TimeSpan least, TimeSpan most)
    {
        if (text is null)
            return;
        if (!GoDuration.TryParse(text, out var duration))
            Add(path, $"'{text}' is not a duration: write it like 100ms, 300s or 24h");
        else if (duration < least || duration > most)
            Add(path, $"{text} is out of range: use {GoDuration.Write(least)} to {GoDuration.Write(most)}");
    }
}
