namespace Aether.Persistence.Storage;

/// <summary>Reads and replaces small files on a volume.</summary>
internal static class FileSystemExtensions
{
    /// <summary>Extension of a file that is not complete yet.</summary>
    public const string TemporaryExtension = ".tmp";

    public static byte[] ReadAll(this IFileSystem files, string path)
    {
        using var file = files.Open(path);
        var bytes = new byte[file.Length];
        var read = file.Read(0, bytes);
        return bytes[..read];
    }

    /// <summary>Writes a file so that after a crash it holds either the old or the new content, complete.</summary>
    public static void Replace(this IFileSystem files, string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + TemporaryExtension;
        files.Delete(temporary);
        using (var file = files.Create(temporary))
        {
            file.Write(0, content);
            file.Sync();
        }
        files.Rename(temporary, path);
        files.SyncFolder(path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "");
    }
}
