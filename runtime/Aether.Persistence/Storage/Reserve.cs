namespace Aether.Persistence.Storage;

/// <summary>
/// A little room that a volume keeps in reserve, so that a small file can be replaced even on a full volume, where for
/// a moment the old and the new content exist side by side.
/// </summary>
internal static class Reserve
{
    public const string File = "volume.reserve";

    private const int Bytes = 128 << 10;

    /// <summary>
    /// As <see cref="FileSystemExtensions.Replace"/>, but uses the reserve if there is no other room. The reserve is
    /// recreated at once from the room of the old content.
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

    // A volume that was full from the start gets its reserve once there is room.
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
