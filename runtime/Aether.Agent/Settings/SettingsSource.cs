using Aether.Persistence.Contracts;

namespace Aether.Agent.Settings;

/// <summary>
/// Where settings come from: the command line, then the environment, then a folder with a file for each.
/// </summary>
internal static class SettingsSource
{
    /// <exception cref="InvalidSettingsException">The folder that was named is not there.</exception>
    public static IConfiguration Load(CommandLine commandLine)
    {
        var named = Environment.GetEnvironmentVariable(AetherVariables.ConfigDirectory);
        if (!string.IsNullOrEmpty(named) && !Directory.Exists(named))
        {
            throw new InvalidSettingsException([
                $"{AetherVariables.ConfigDirectory} is '{named}', which is no folder the agent can read."]);
        }

        var folder = string.IsNullOrEmpty(named) ? AetherNames.ConfigDirectory : named;
        return new ConfigurationBuilder()
            .AddKeyPerFile(folder, optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(commandLine.Settings.Select(
                setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)))
            .Build();
    }
}
