namespace Aether.Persistence.State;

/// <summary>
/// Short byte strings that are removed in the order in which they were added, in one array that grows with their
/// number. Each has a place, and places only increase. Not thread-safe.
/// </summary>
internal sealed class ByteRing(EngineMemory memory)
{
    private byte[] _bytes = new byte[1024];
    private long _start;
    private long _end;

    /// <summary>Grows if needed, so that appending a string of this length allocates nothing.</summary>
    public void Reserve(int length)
    {
        while (_end + length - _start > _bytes.Length)
            Grow();
    }

    /// <summary>Appends a string and returns its place.</summary>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        var place = _end;
        var head = Head(place, bytes.Length);
        bytes[..head.Length].CopyTo(head);
        bytes[head.Length..].CopyTo(_bytes);
        _end += bytes.Length;
        return place;
    }

    /// <summary>Whether the string at a place equals <paramref name="bytes"/>.</summary>
    public bool Holds(long place, ReadOnlySpan<byte> bytes)
    {
        var head = Head(place, bytes.Length);
        return bytes.StartsWith(head) && _bytes.AsSpan().StartsWith(bytes[head.Length..]);
    }

    /// <summary>Removes everything before a place.</summary>
    public void DropBefore(long place) => _start = place;

    /// <summary>A copy of everything from <paramref name="start"/> on.</summary>
    public byte[] CopyFrom(long start)
    {
        var copy = new byte[_end - start];
        var head = Head(start, copy.Length);
        head.CopyTo(copy);
        _bytes.AsSpan(0, copy.Length - head.Length).CopyTo(copy.AsSpan(head.Length));
        return copy;
    }

    // The bytes from a place up to the end of the array; the rest wraps around to its beginning.
    private Span<byte> Head(long place, int length)
    {
        var index = (int)(place & (_bytes.Length - 1));
        return _bytes.AsSpan(index, Math.Min(length, _bytes.Length - index));
    }

    private void Grow()
    {
        var content = CopyFrom(_start);
        _bytes = memory.Array<byte>(_bytes.Length * 2);
        _end = _start;
        _ = Append(content);
    }
}
