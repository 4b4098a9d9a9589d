namespace Aether.Client;

/// <summary>
/// The commit, or another request, is malformed, too large, or not supported by this world. Nothing was applied.
/// </summary>
public sealed class InvalidCommitException(string message, string? field, ulong? limit, ulong? actual, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>The invalid field: "mutations[3].value"; null if the agent did not name one.</summary>
    public string? Field { get; } = field;

    /// <summary>The limit that was exceeded, in the field's own unit.</summary>
    public ulong? Limit { get; } = limit;

    /// <summary>The actual size or value.</summary>
    public ulong? Actual { get; } = actual;
}
