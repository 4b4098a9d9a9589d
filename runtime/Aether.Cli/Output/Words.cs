using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aether.Persistence;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>Formats values for people.</summary>
internal static class Words
{
    private const string None = "-";

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) ?? None;

    public static string Number<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>"7" or "1 to 7".</summary>
    public static string Range(Sequence first, Sequence last) =>
        last == Sequence.None ? None : first == last ? $"{first}" : $"{first} to {last}";

    /// <summary>"commit 7" or "commits 1 to 7".</summary>
    public static string Commits(Sequence first, Sequence last) =>
        $"commit{(first == last ? "" : "s")} {Range(first, last)}";

    public static string Commits(CommitRange range) => Commits(range.First, range.Last);

    /// <summary>A gap, and the commits after it.</summary>
    public static string Gap(CommitGap gap) =>
        $"{Commits(gap.Missing)} {(gap.Missing.Count == 1 ? "was" : "were")} never in a block, so never acknowledged; "
        + $"{Commits(gap.Following)} after it ({Count(gap.Following.Count, "commit")}) were acknowledged";

    /// <summary>"1 key" or "7 keys".</summary>
    public static string Count(ulong count, string thing) => $"{Number(count)} {thing}{(count == 1 ? "" : "s")}";

    public static string Count(int count, string thing) => Count((ulong)count, thing);

    public static string Range(Epoch lowest, Epoch highest) =>
        highest == Epoch.None ? None : lowest == highest ? $"{lowest}" : $"{lowest} to {highest}";

    public static string State(SegmentReport segment) => segment.State switch
    {
        SegmentState.Damaged => Damage(segment.Damages),
        SegmentState.Torn => $"torn tail of {segment.TornBytes} bytes",
        SegmentState.Active => "active",
        _ => "sealed",
    };

    public static string Damage(IReadOnlyList<LogDamage> damages) =>
        $"damaged at byte {damages[0].Offset}: {damages[0].Reason}"
        + (damages.Count > 1 ? $" (and at {Count(damages.Count - 1, "more place")})" : "");

    /// <summary>
    /// The text itself, or quoted if it could be misread or contains control characters that affect a terminal.
    /// </summary>
    public static string Quote(string text) =>
        text.Length > 0 && text.All(character => char.IsLetterOrDigit(character) || "-_.:@#".Contains(character))
            ? text
            : $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
