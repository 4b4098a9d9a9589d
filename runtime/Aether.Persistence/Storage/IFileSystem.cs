namespace Aether.Persistence.Storage;

/// <summary>
/// The few operations a log needs of a volume; a seam, so that tests can lose un-synced writes. Paths are relative
/// to the volume's root, with '/'. Members throw <see cref="IOException"/> when the operation fails.
/// </summary>
public interface IFileSystem
{
    /// <summary>Makes a file that must not exist, empty.</summary>
    IFile Create(string path);

    /// <summary>Opens a file that must exist.</summary>
    IFile Open(string path);

    /// <summary>Whether a file or folder exists.</summary>
    bool Exists(string path);

    /// <summary>Names (not paths) of the entries of a folder, ordered; empty if there is no such folder.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Makes a folder and those above it; an existing folder is no error.</summary>
    void CreateFolder(string folder);

    /// <summary>Renames a file, replacing one of that name, or a folder to a name that is free.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; a missing file is no error.</summary>
    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in a folder durable. "" is the root.</summary>
    void SyncFolder(string folder);

    /// <summary>Bytes that are free for the caller; the largest number if that is not known.</summary>
    long FreeBytes => long.MaxValue;

    /// <summary>
    /// Takes an exclusive lock that dies with the process, on a file made for it; null if another has it.
    /// </summary>
    IDisposable? TryLock(string path);
}
