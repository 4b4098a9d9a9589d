namespace Aether.Persistence.Storage;

/// <summary>
/// Tells why the operating system refused an operation on a file. .NET keeps the errno of a failed call as the
/// exception's HResult.
/// </summary>
internal static class DiskError
{
    public const int AccessDenied = 13;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int QuotaExceeded = 122;

    /// <summary>Another process has the lock.</summary>
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
    /// Runs an operation on <paramref name="path"/>; what fails of it says which operation on which file. A missing
    /// file stays what it is: some who ask for one expect that.
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

    /// <summary>Whether there was no room: the file system, a quota or the largest size of a file is used up.</summary>
    public static bool IsFull(Exception? exception) =>
        exception is IOException { HResult: NoSpace or QuotaExceeded or FileTooLarge };
}
