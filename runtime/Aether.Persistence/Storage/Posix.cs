using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Storage;

/// <summary>
/// Two calls that .NET does not offer: fdatasync (RandomAccess.FlushToDisk is fsync, which also writes the inode's
/// times) and the fsync of a folder.
/// </summary>
internal static partial class Posix
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4;

    public static void SyncFile(SafeFileHandle handle, string path) =>
        Check(() => FdataSync(handle), "fdatasync", path);

    public static void SyncFolder(string path)
    {
        using var handle = Open(path, ReadOnly);
        if (handle.IsInvalid)
            throw Failure("open", path, Marshal.GetLastPInvokeError());
        Check(() => Fsync(handle), "fsync", path);
    }

    private static void Check(Func<int> call, string name, string path)
    {
        int error;
        do
        {
            if (call() == 0)
                return;
            error = Marshal.GetLastPInvokeError();
        }
        while (error == Interrupted);
        throw Failure(name, path, error);
    }

    private static IOException Failure(string call, string path, int error) =>
        new($"{call} of '{path}' failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
