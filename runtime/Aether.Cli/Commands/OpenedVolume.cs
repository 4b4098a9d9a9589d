using Aether.Persistence.Inspection;
using Aether.Persistence.Storage;

namespace Aether.Cli.Commands;

/// <summary>The volume of a command, and its world.</summary>
/// <param name="Path">The path from the command line.</param>
/// <param name="Files">The files, opened for reading only.</param>
/// <param name="World">Identity of the world.</param>
internal sealed record OpenedVolume(string Path, IFileSystem Files, string World)
{
    /// <exception cref="UsageException">The folder is not a volume, or does not say of which world.</exception>
    public static OpenedVolume Open(string path, string? world)
    {
        if (!Directory.Exists(path))
            throw new UsageException($"'{path}' is not a folder. Name the folder that holds 'volume.id' and 'wal'.");
        var files = new ReadOnlyVolume(path);
        if (world is not null)
            return new OpenedVolume(path, files, world);
        if (!files.Exists(VolumeIdentity.File))
            throw new UsageException(
                    $"'{path}' has no file '{VolumeIdentity.File}', so it is not a complete volume of a world. Name "
                    + "the volume's root. For a copy without that file, name the world (its UID) with --world.");
        return new OpenedVolume(path, files, VolumeIdentity.Read(files).World);
    }

    /// <summary>The folder of a log on the volume.</summary>
    /// <exception cref="UsageException">The folder does not exist.</exception>
    public string FolderOf(string log) =>
        Files.Exists(log) ? log : throw new UsageException($"'{Path}' has no folder '{log}'.");
}
