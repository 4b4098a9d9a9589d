namespace Aether.Persistence.Storage;

/// <summary>
/// The few operations that a log needs on a volume. An interface, so that tests can lose writes that were not synced.
/// Paths are relative to the volume's root, with '/'. Members throw <see cref="IOException"/> if the operation fails.
/// </summary>
public interface IFileSystem
{
    /// <summary>Creates an empty file; it must not exist.</summary>
    IFile Create(string path);

    /// <summary>Opens a file; it must exist.</summary>
    IFile Open(string path);

    /// <summary>Whether a file or folder exists.</summary>
    bool Exists(string path);

    /// <summary>Names (not paths) of the entries of a folder, ordered; empty if there is no such folder.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Creates a folder and its parents; an existing folder is no error.</summary>
    void CreateFolder(string folder);

    /// <summary>
    /// Renames a file, replacing any file of the new name; or renames a folder, to a name that is not in use.
    /// </summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; a missing file is no error.</summary>
    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in a folder durable; "" is the root.</summary>
    void SyncFolder(string folder);

    /// <summary>Bytes that are available to the caller; the largest number if unknown.</summary>
    long FreeBytes => long.MaxValue;

    /// <summary>
    /// Takes an exclusive lock, which ends with the process, on a file for that purpose; null if another process holds
    /// it.
    /// </summary>
    IDisposable? TryLock(string path);
}
