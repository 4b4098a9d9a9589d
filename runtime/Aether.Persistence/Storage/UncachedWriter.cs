using Microsoft.Win32.SafeHandles;

namespace Aether.Persistence.Storage;

/// <summary>
/// Writes large pieces of a file past the page cache (O_DIRECT), which saves allocating and filling pages of the cache
/// that nobody reads. Not thread-safe.
/// </summary>
/// <remarks>
/// O_DIRECT takes whole pages from addresses that begin a page. So the bytes are copied to such an address, and what
/// lies before the first and after the last whole page of the file goes through the cache. The kernel keeps cache and
/// disk coherent for readers of the file. As with any write, only a sync makes the bytes durable.
/// </remarks>
internal sealed class UncachedWriter(SafeFileHandle handle)
{
    private const int PageBytes = AlignedMemory.PageBytes;
    private const int PieceBytes = 1 << 20;

    private Memory<byte> _piece;
    private bool _refused;

    /// <summary>
    /// Writes from front to back, so that a process killed meanwhile leaves the first part of the bytes.
    /// </summary>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        var head = (int)Math.Min(-offset & (PageBytes - 1), source.Length);
        RandomAccess.Write(handle, source[..head], offset);
        offset += head;
        source = source[head..];

        var pages = _refused ? 0 : TryWritePages(offset, source[..(source.Length & -PageBytes)]);
        RandomAccess.Write(handle, source[pages..], offset + pages);
    }

    // Returns the number of bytes written: fewer if the file system refuses direct writes, or if memory is short.
    private int TryWritePages(long offset, ReadOnlySpan<byte> source)
    {
        var written = 0;
        if (_refused = !Posix.TrySetDirect(handle))
            return written;
        try
        {
            while (written < source.Length)
            {
                var piece = source.Slice(written, Math.Min(PieceBytes, source.Length - written));
                WritePiece(offset + written, piece);
                written += piece.Length;
            }
        }
        catch (IOException exception) when (exception.HResult == DiskError.InvalidArgument)
        {
            _refused = true;
        }
        catch (OutOfMemoryException)
        {
            _refused = true;
        }
        finally
        {
            Posix.ClearDirect(handle);
        }
        return written;
    }

    private unsafe void WritePiece(long offset, ReadOnlySpan<byte> piece)
    {
        fixed (byte* pinned = piece)
        {
            if (AlignedMemory.IsAligned(pinned))
                RandomAccess.Write(handle, piece, offset);
            else
                RandomAccess.Write(handle, Align(piece), offset);
        }
    }

    private ReadOnlySpan<byte> Align(ReadOnlySpan<byte> piece)
    {
        using var survivable = SurvivableAllocations.Enter();
        if (_piece.IsEmpty)
            _piece = AlignedMemory.Allocate(PieceBytes);
        piece.CopyTo(_piece.Span);
        return _piece.Span[..piece.Length];
    }
}
