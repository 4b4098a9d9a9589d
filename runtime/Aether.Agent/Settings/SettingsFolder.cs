using System.Globalization;

namespace Aether.Agent.Settings;

/// <summary>A folder with one file per setting, like a mounted Secret.</summary>
internal sealed class SettingsFolder(string path)
{
    // The kubelet writes a new folder beside the old one and then redirects this link, which changes all files in one
    // step.
    private const string DataLink = "..data";
    private const int Attempts = 5;

    /// <summary>
    /// A text that changes when the files have changed. Reading it does not read the files, and needs no inotify
    /// instance, of which a node may have none left.
    /// </summary>
    public string Stamp()
    {
        if (LinkTarget() is { } target)
            return target;
        return Directory.Exists(path)
            ? string.Join('\n', new DirectoryInfo(path).EnumerateFiles()
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => string.Create(
                    CultureInfo.InvariantCulture, $"{file.Name} {file.LastWriteTimeUtc.Ticks} {file.Length}")))
            : "";
    }

    /// <summary>All settings, from one version of the folder; none if the folder does not exist.</summary>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public IReadOnlyDictionary<string, string> Read()
    {
        for (var attempt = 1; ; attempt++)
        {
            // Read from the link's target rather than through the link, which may be redirected between two files.
            var target = LinkTarget();
            try
            {
                return ReadFrom(target is null ? path : Path.Combine(path, target));
            }
            catch (IOException) when (attempt < Attempts && target != LinkTarget())
            {
                // The version that was being read has been deleted, because there is a newer one.
            }
        }
    }

    private string? LinkTarget() => new FileInfo(Path.Combine(path, DataLink)).LinkTarget;

    private static Dictionary<string, string> ReadFrom(string folder)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!Directory.Exists(folder))
            return settings;

        foreach (var file in Directory.EnumerateFiles(folder))
            settings[Path.GetFileName(file)] = WithoutNewLine(File.ReadAllText(file));
        return settings;
    }

    // Removes the newline that editors add at the end; others belong to the setting.
    private static string WithoutNewLine(string text) => text.EndsWith("\r\n", StringComparison.Ordinal)
        ? text[..^2]
        : text.EndsWith('\n') ? text[..^1] : text;
}
