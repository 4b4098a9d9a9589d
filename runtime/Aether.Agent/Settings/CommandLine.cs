namespace Aether.Agent.Settings;

/// <summary>The options of the agent's command line. Everything else comes from <c>AETHER_*</c> settings.</summary>
internal sealed record CommandLine
{
    /// <summary>Folder of a local world; null for a world with servers.</summary>
    public required string? LocalDirectory { get; init; }

    /// <summary>Settings given as options; they take precedence over environment and files.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}
