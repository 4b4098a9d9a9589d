using Aether.Persistence.Contracts;

namespace Aether.Agent.Settings;

/// <summary>
/// The sources of settings: the command line, then the environment, then a folder with one file per setting. For how to
/// reach the stores the folder comes before the environment, because these settings change while the agent runs and the
/// environment cannot.
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

    /// <exception cref="InvalidSettingsException">The named folder does not exist.</exception>
    public static SettingsSource Of(CommandLine commandLine)
    {
        var named = Environment.GetEnvironmentVariable(AetherVariables.ConfigDirectory);
        if (!string.IsNullOrEmpty(named) && !Directory.Exists(named))
        {
            throw new InvalidSettingsException([
                $"{AetherVariables.ConfigDirectory} is '{named}', which is not a folder that the agent can read."]);
        }

        return new SettingsSource(commandLine, string.IsNullOrEmpty(named) ? AetherNames.ConfigDirectory : named);
    }

    /// <summary>A text that changes when the folder has changed.</summary>
    public string Stamp() => _folder.Stamp();

    /// <summary>The options according to the present settings.</summary>
    /// <exception cref="InvalidSettingsException">
    /// Settings are missing or out of range; the message names all of them.
    /// </exception>
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
