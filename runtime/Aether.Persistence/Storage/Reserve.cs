namespace Aether.Persistence.Storage;

/// <summary>
/// A little room that a volume keeps back, so that a small file on it can still be replaced when it is full: for a
/// moment the former and the new content are there both.
/// </summary>
internal static class Reserve
{
    public const string File = "volume.reserve";

    private const int Bytes = 128 << 10;

    /// <summary>
    /// As <see cref="FileSystemExtensions.Replace"/>, out of the reserve if there is no other room. The reserve is
    /// made again at once, out of what the former content took.
    /// </summary>
    public static void Replace(IFileSystem volume, string path, ReadOnlySpan<byte> content)
    {
        try
        {
            volume.Replace(path, content);
        }
        catch (IOException exception) when (DiskError.IsFull(exception) && volume.Exists(File))
        {
            volume.Delete(File);
            volume.Replace(path, content);
        }

        Keep(volume);
    }

    // A volume that is full before it ever had a reserve has none until there is room.
    private static void Keep(IFileSystem volume)
    {
        if (volume.Exists(File))
            return;
        try
        {
            volume.Replace(File, new byte[Bytes]);
        }
        catch (IOException exception) when (DiskError.IsFull(exception))
        {
            volume.Delete(File + FileSystemExtensions.TemporaryExtension);
        }
    }
}
