using Aether.Persistence.Storage;

namespace Aether.Persistence.Tests.Fuzzing;

/// <summary>A file that is a byte array; reading it allocates nothing.</summary>
internal sealed class BytesFile(byte[] bytes) : IFile
{
    public long Length => bytes.Length;

    public int Read(long offset, Span<byte> destination)
    {
        var count = (int)Math.Clamp(bytes.Length - offset, 0, destination.Length);
        bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(destination);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> source) => throw new NotSupportedException();

    public void Sync() => throw new NotSupportedException();

    public void SetLength(long length) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
