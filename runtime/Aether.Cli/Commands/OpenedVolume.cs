using Aether.Persistence.Inspection;
using Aether.Persistence.Storage;

namespace Aether.Cli.Commands;

/// <summary>The volume a command is about, and whose it is.</summary>
/// <param name="Path">As it was named.</param>
/// <param name="Files">Its files, to be read only.</param>
/// <param name="World">The identity of its world.</param>
internal sealed record OpenedVolume(string Path, IFileSystem Files, string World)
{
    /// <exception cref="UsageException">It is no volume, or does not say of which world.</exception>
    public static OpenedVolume Open(string path, string? world)
    {
        if (!Directory.Exists(path))
            throw new UsageException($"'{path}' is no folder. Name the folder that holds 'volume.id' and 'wal'.");
        var files = new ReadOnlyVolume(path);
        if (world is not null)
            return new OpenedVolume(path, files, world);
        if (!files.Exists(VolumeIdentity.File))
            throw new UsageException(
                $"'{path}' holds no '{VolumeIdentity.File}', so it is no world's volume, or not all of one. Name the "
                + "volume's root; for a copy without that file say with --world whose it is (the world's UID).");
        return new OpenedVolume(path, files, VolumeIdentity.Read(files).World);
    }

    /// <summary>The folder of a log on it.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public string FolderOf(string log) =>
        Files.Exists(log) ? log : throw new UsageException($"'{Path}' holds no folder '{log}'.");
}
