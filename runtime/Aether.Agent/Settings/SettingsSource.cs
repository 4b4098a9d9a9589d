using Aether.Persistence.Contracts;

namespace Aether.Agent.Settings;

/// <summary>
/// Where settings come from: the command line, then the environment, then a folder with a file for each. How to reach
/// the stores changes while the agent runs, and the environment cannot: there the folder comes before the environment.
/// </summary>
internal sealed class SettingsSource
{
    private static readonly string[] StorePrefixes = ["AETHER_POSTGRES_", "AETHER_REDIS_", "AETHER_NATS_"];

    private readonly CommandLine _commandLine;
    private readonly SettingsFolder _folder;

    private SettingsSource(CommandLine commandLine, string folder)
    {
        _commandLine = commandLine;
        _folder = new SettingsFolder(folder);
    }

    /// <exception cref="InvalidSettingsException">The folder that was named is not there.</exception>
    public static SettingsSource Of(CommandLine commandLine)
    {
        var named = Environment.GetEnvironmentVariable(AetherVariables.ConfigDirectory);
        if (!string.IsNullOrEmpty(named) && !Directory.Exists(named))
        {
            throw new InvalidSettingsException([
                $"{AetherVariables.ConfigDirectory} is '{named}', which is no folder the agent can read."]);
        }

        return new SettingsSource(commandLine, string.IsNullOrEmpty(named) ? AetherNames.ConfigDirectory : named);
    }

    /// <summary>A text that differs once the folder has changed.</summary>
    public string Stamp() => _folder.Stamp();

    /// <summary>The options as the settings have them now.</summary>
    /// <exception cref="InvalidSettingsException">Something is missing or out of range; names all of it.</exception>
    public AgentOptions Read()
    {
        var files = _folder.Read();
        return AgentOptionsReader.Read(
            name => _commandLine.Settings.GetValueOrDefault(name) ?? Find(files, name), _commandLine.LocalDirectory);
    }

    private static string? Find(IReadOnlyDictionary<string, string> files, string name)
    {
        var (file, variable) = (files.GetValueOrDefault(name), Environment.GetEnvironmentVariable(name));
        return IsOfStore(name) ? file ?? variable : variable ?? file;
    }

    private static bool IsOfStore(string name) =>
        name == AetherVariables.CredentialsRevision
        || StorePrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
