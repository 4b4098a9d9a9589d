using System.Text.Unicode;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>One change of a <see cref="CommitLine"/>.</summary>
internal sealed record ChangeLine
{
    /// <summary>"put" or "delete".</summary>
    public required string Change { get; init; }

    public required string Kind { get; init; }

    public required string Id { get; init; }

    /// <summary>Size of the value.</summary>
    public int? Bytes { get; init; }

    /// <summary>Encoding of <see cref="Value"/>: "text", "base64", "hex".</summary>
    public string? Encoding { get; init; }

    public string? Value { get; init; }

    public static ChangeLine Of(LoggedChange change, ValueEncoding encoding)
    {
        var line = new ChangeLine
        {
            Change = change.Value is null ? "delete" : "put",
            Kind = change.Key.Kind,
            Id = change.Key.Id,
        };
        if (change.Value is not { } value)
            return line;
        line = line with { Bytes = value.Length };
        return encoding switch
        {
            ValueEncoding.None => line,
            ValueEncoding.Hex => line with { Encoding = "hex", Value = Convert.ToHexStringLower(value.Span) },
            ValueEncoding.Text when Utf8.IsValid(value.Span) => line with
            {
                Encoding = "text",
                Value = System.Text.Encoding.UTF8.GetString(value.Span),
            },
            _ => line with { Encoding = "base64", Value = Convert.ToBase64String(value.Span) },
        };
    }

    public override string ToString()
    {
        var key = $"{Change} {Words.Quote(Kind)}/{Words.Quote(Id)}";
        var sized = Bytes is { } bytes ? $"{key} {bytes} B" : key;
        return Value is null ? sized
            : Encoding == "text" ? $"{sized} {Words.Quote(Value)}"
            : $"{sized} {Encoding}:{Value}";
    }
}
