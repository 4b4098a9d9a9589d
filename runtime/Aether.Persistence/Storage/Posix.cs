using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Storage;

/// <summary>
/// Calls that .NET does not offer: fdatasync (RandomAccess.FlushToDisk is fsync, which also writes the inode's times),
/// the fsync of a folder, and O_DIRECT.
/// </summary>
internal static partial class Posix
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4;
    private const int GetFlags = 3;  // F_GETFL
    private const int SetFlags = 4;  // F_SETFL
    private static readonly int Direct =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;  // O_DIRECT

    public static void SyncFile(SafeFileHandle handle, string path) =>
        Check(() => FdataSync(handle), "fdatasync", path);

    public static void SyncFolder(string path)
    {
        using var handle = Open(path, ReadOnly);
        if (handle.IsInvalid)
            throw Failure("open", path, Marshal.GetLastPInvokeError());
        Check(() => Fsync(handle), "fsync", path);
    }

    /// <summary>
    /// Has writes bypass the page cache until <see cref="ClearDirect"/>; false if the file system does not allow that.
    /// </summary>
    public static bool TrySetDirect(SafeFileHandle handle) =>
        Fcntl(handle, GetFlags, 0) is var flags and >= 0 && Fcntl(handle, SetFlags, flags | Direct) == 0;

    public static void ClearDirect(SafeFileHandle handle)
    {
        if (Fcntl(handle, GetFlags, 0) is var flags and >= 0 && Fcntl(handle, SetFlags, flags & ~Direct) == 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        throw new IOException($"fcntl failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
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

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
