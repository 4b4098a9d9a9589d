using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Support;

/// <summary>A folder like a Secret mounted by the kubelet: one link changes all files at once.</summary>
internal sealed class MountedSecret : IDisposable
{
    private readonly TemporaryFolder _folder = new("secret");
    private int _version;

    public MountedSecret(IReadOnlyDictionary<string, string> settings)
    {
        Settings = new Dictionary<string, string>(settings);
        Write();
        foreach (var name in Settings.Keys)
            File.CreateSymbolicLink(_folder.File(name), Path.Combine("..data", name));
    }

    public string Folder => _folder.Path;

    public Dictionary<string, string> Settings { get; }

    /// <summary>Changes some of the settings.</summary>
    public void Change(params (string Name, string Value)[] changes)
    {
        foreach (var (name, value) in changes)
            Settings[name] = value;
        Write();
    }

    /// <summary>Changes some of the settings, and waits until the agent uses them.</summary>
    public async Task ChangeAsync(AgentProcess agent, params IEnumerable<(string Name, string Value)> changes)
    {
        var revision = Secrets.NewPassword()[..8];
        Change([.. changes, (AetherVariables.CredentialsRevision, revision)]);
        await agent.SaysAsync($"credentials {revision}");
    }

    public void Dispose() => _folder.Dispose();

    private void Write()
    {
        var (old, name) = ($"..v{_version}", $"..v{++_version}");
        var data = _folder.Subfolder(name);
        foreach (var (setting, value) in Settings)
            File.WriteAllText(Path.Combine(data, setting), value);
        var link = _folder.File("..data_tmp");
        File.CreateSymbolicLink(link, name);

        // File.Move refuses a link that leads to a folder.
        using (var move = System.Diagnostics.Process.Start("mv", ["-T", link, _folder.File("..data")]))
            move.WaitForExit();
        if (Directory.Exists(_folder.File(old)))
            Directory.Delete(_folder.File(old), recursive: true);
    }
}
