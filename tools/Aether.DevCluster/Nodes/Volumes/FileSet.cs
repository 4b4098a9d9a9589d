using System.Runtime.InteropServices;

namespace Aether.DevCluster.Nodes.Volumes;

/// <summary>
/// Files of a Secret, ConfigMap or projected volume. A reader sees either the old files or the new ones, never a
/// mixture: the names are links through <c>..data</c>, a link that one rename redirects to the new folder.
/// </summary>
internal sealed partial class FileSet(string folder)
{
    private IReadOnlyDictionary<string, byte[]>? _written;
    private int _generation;

    /// <summary>Makes the folder contain these files, by relative path; does nothing if it already does.</summary>
    public void Show(IReadOnlyDictionary<string, byte[]> files)
    {
        if (_written is not null && Same(_written, files))
            return;
        var former = _generation++;
        var data = Path.Combine(folder, $"..{_generation}");
        foreach (var (name, content) in files)
        {
            var file = Path.Combine(data, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }

        Directory.CreateDirectory(data);
        var link = Path.Combine(folder, "..data");
        var newLink = Path.Combine(folder, "..data_new");
        File.CreateSymbolicLink(newLink, Path.GetFileName(data));
        if (Rename(newLink, link) != 0)
            throw new IOException($"rename to '{link}' failed: {Marshal.GetLastPInvokeErrorMessage()}");
        LinkNames(files.Keys.Select(name => name.Split('/')[0]).ToHashSet());
        if (former > 0)
            Directory.Delete(Path.Combine(folder, $"..{former}"), recursive: true);
        _written = files;
    }

    private void LinkNames(HashSet<string> names)
    {
        var present = Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)!)
            .Where(name => !name.StartsWith("..", StringComparison.Ordinal)).ToHashSet();
        foreach (var name in names.Except(present))
            File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine("..data", name));
        foreach (var name in present.Except(names))
            File.Delete(Path.Combine(folder, name));
    }

    private static bool Same(IReadOnlyDictionary<string, byte[]> one, IReadOnlyDictionary<string, byte[]> other) =>
        one.Count == other.Count
        && one.All(file => other.TryGetValue(file.Key, out var content) && content.AsSpan().SequenceEqual(file.Value));

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
