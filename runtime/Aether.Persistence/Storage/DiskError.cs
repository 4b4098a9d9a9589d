namespace Aether.Persistence.Storage;

/// <summary>
/// Tells why the operating system refused a file operation. .NET keeps the errno of a failed call as the exception's
/// HResult.
/// </summary>
internal static class DiskError
{
    public const int AccessDenied = 13;
    public const int InvalidArgument = 22;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int QuotaExceeded = 122;

    /// <summary>Another process holds the lock.</summary>
    public const int WouldBlock = 11;

    /// <summary>The errno behind an exception; 0 if it has none.</summary>
    public static int Of(Exception exception) => exception switch
    {
        UnauthorizedAccessException { InnerException: IOException inner } => inner.HResult,
        UnauthorizedAccessException => AccessDenied,
        IOException io => io.HResult,
        _ => 0,
    };

    /// <summary>
    /// Runs an operation on <paramref name="path"/>. An exception is wrapped so that it names the operation and the
    /// file, except for a missing file, which some callers expect.
    /// </summary>
    public static T Name<T>(string operation, string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (
            exception is UnauthorizedAccessException
            || exception is IOException and not (VolumeException or FileNotFoundException))
        {
            throw new VolumeException(operation, path, Of(exception), exception) { HResult = Of(exception) };
        }
    }

    /// <summary>As the other overload.</summary>
    public static void Name(string operation, string path, Action action) => Name(operation, path, () =>
    {
        action();
        return true;
    });

    /// <summary>Whether there was no room: the file system, a quota or the maximum file size is exhausted.</summary>
    public static bool IsFull(Exception? exception) =>
        exception is IOException { HResult: NoSpace or QuotaExceeded or FileTooLarge };
}
