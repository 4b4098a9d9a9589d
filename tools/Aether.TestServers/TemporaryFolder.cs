namespace Aether.TestServers;

/// <summary>A folder under the system's temporary one, removed with all it holds.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder; <paramref name="name"/> shows in its path.</summary>
    public TemporaryFolder(string name)
    {
        Path = Directory.CreateTempSubdirectory($"aether-{name}-").FullName;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Path of something in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a folder in it.</summary>
    public string Subfolder(string name) => Directory.CreateDirectory(File(name)).FullName;

    /// <inheritdoc />
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
