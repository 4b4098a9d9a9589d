namespace Aether.TestServers;

/// <summary>A folder in the system's temporary folder, deleted with its contents.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Creates the folder; <paramref name="name"/> appears in its path.</summary>
    public TemporaryFolder(string name)
    {
        Path = Directory.CreateTempSubdirectory($"aether-{name}-").FullName;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Creates a folder in it.</summary>
    public string Subfolder(string name) => Directory.CreateDirectory(File(name)).FullName;

    /// <inheritdoc />
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
