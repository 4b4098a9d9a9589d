using System.Globalization;

namespace Aether.Agent.Settings;

/// <summary>A folder with one file for each setting, as a Secret is mounted.</summary>
internal sealed class SettingsFolder(string path)
{
    // The kubelet writes a new folder beside the old one, then has this link lead to it: one step for all files.
    private const string DataLink = "..data";
    private const int Attempts = 5;

    /// <summary>
    /// A text that differs once the files have changed; made without reading them, and without inotify, of whose
    /// instances a node may have none left.
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

    /// <summary>All settings, of one and the same version of the folder; none if there is no folder.</summary>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public IReadOnlyDictionary<string, string> Read()
    {
        for (var attempt = 1; ; attempt++)
        {
            // What the link leads to is read, not the link: it may change between two files.
            var target = LinkTarget();
            try
            {
                return ReadFrom(target is null ? path : Path.Combine(path, target));
            }
            catch (IOException) when (attempt < Attempts && target != LinkTarget())
            {
                // The version that was being read is gone; there is a newer one.
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

    // That of an editor; those within a setting's text are its own.
    private static string WithoutNewLine(string text) => text.EndsWith("\r\n", StringComparison.Ordinal)
        ? text[..^2]
        : text.EndsWith('\n') ? text[..^1] : text;
}
