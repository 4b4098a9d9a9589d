using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Aether.Samples.World.Audit;

/// <summary>
/// Records every acknowledged trade outside the world's own state, so that a loss can be detected. It is an observer's
/// record: handed to the operating system at once, so that it survives SIGKILL, and never synced.
/// </summary>
internal sealed partial class Ledger : IDisposable
{
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int CloseOnExec = 0x80000;
    private const int OwnerWritesAllRead = 0x1A4;

    private readonly SafeFileHandle _file;

    private Ledger(SafeFileHandle file) => _file = file;

    /// <summary>Opens the ledger at its end; creates it if it does not exist.</summary>
    public static Ledger Open(string path)
    {
        // Two worlds may write at once while one of them is being fenced. Only O_APPEND keeps their lines apart; .NET's
        // FileMode.Append remembers an offset instead.
        var descriptor = OpenFile(path, WriteOnly | Create | Append | CloseOnExec, OwnerWritesAllRead);
        if (descriptor < 0)
            throw new IOException($"Cannot open the ledger '{path}': {Marshal.GetLastPInvokeErrorMessage()}");
        var ledger = new Ledger(new SafeFileHandle(descriptor, ownsHandle: true));
        ledger.Write("\n");
        return ledger;
    }

    /// <summary>Records a trade. Thread-safe.</summary>
    public void Add(LedgerEntry entry) => Write($"{entry}\n");

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    /// <summary>
    /// The entries of a ledger in the order in which they were written; none if the file does not exist.
    /// </summary>
    public static IReadOnlyList<LedgerEntry> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.ASCII);
        var entries = new List<LedgerEntry>();
        while (reader.ReadLine() is { } line)
        {
            if (LedgerEntry.TryParse(line) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    private void Write(string text) => RandomAccess.Write(_file, Encoding.ASCII.GetBytes(text), fileOffset: 0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);
}
