namespace Aether.Client;

/// <summary>
/// The commit, or what else was asked for, is malformed, too large, or nothing that this world gives. Nothing was
/// applied.
/// </summary>
public sealed class InvalidCommitException(string message, string? field, ulong? limit, ulong? actual, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>What is wrong: "mutations[3].value"; null when the agent did not say.</summary>
    public string? Field { get; } = field;

    /// <summary>The limit that was exceeded, in the field's own unit.</summary>
    public ulong? Limit { get; } = limit;

    /// <summary>What the commit had.</summary>
    public ulong? Actual { get; } = actual;
}
