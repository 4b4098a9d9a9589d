namespace Aether.Persistence.Contracts;

/// <summary>How log entries are written.</summary>
public enum LogFormat
{
    /// <summary>One line of text for each entry.</summary>
    Text,

    /// <summary>One JSON object for each entry, on one line, with the scopes of the entry.</summary>
    Json,
}
