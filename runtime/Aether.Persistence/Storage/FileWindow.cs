namespace Aether.Persistence.Storage;

/// <summary>
/// Reads a file from front to back in large pieces, whatever the size of the requests. It never reads beyond the limit
/// up to which the bytes are final: another thread may be about to write the rest. Not thread-safe.
/// </summary>
internal sealed class FileWindow(IFile file)
{
    private const int WindowBytes = 1 << 20;

    private byte[] _buffer = [];
    private long _start;
    private int _length;

    /// <summary>
    /// The <paramref name="count"/> bytes at <paramref name="offset"/>, or fewer if <paramref name="limit"/> or the
    /// file ends earlier; valid until the next call.
    /// </summary>
    public ReadOnlySpan<byte> Read(long offset, int count, long limit)
    {
        count = (int)Math.Clamp(limit - offset, 0, count);
        if (offset < _start || offset + count > _start + _length)
            Fill(offset, (int)Math.Clamp(limit - offset, count, Math.Max(count, WindowBytes)));
        var at = (int)(offset - _start);
        return _buffer.AsSpan(at, Math.Clamp(_length - at, 0, count));
    }

    private void Fill(long offset, int count)
    {
        if (_buffer.Length < count)
            _buffer = GC.AllocateUninitializedArray<byte>(count);
        _start = offset;
        _length = file.Read(offset, _buffer.AsSpan(0, count));
    }
}
