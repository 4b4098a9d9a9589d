namespace Aether.Persistence.Storage;

/// <summary>
/// An open file of an <see cref="IFileSystem"/>. One thread may read while another writes elsewhere in the file.
/// </summary>
public interface IFile : IDisposable
{
    /// <summary>Its length.</summary>
    long Length { get; }

    /// <summary>
    /// Reads at <paramref name="offset"/> until the buffer is full or the file ends; returns the number of bytes.
    /// </summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>
    /// Hands all of <paramref name="source"/> to the operating system, for <paramref name="offset"/>.
    /// </summary>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>
    /// As <see cref="Write"/>, for bytes that probably nobody will read: they need not stay in the page cache.
    /// </summary>
    void WriteUncached(long offset, ReadOnlySpan<byte> source) => Write(offset, source);

    /// <summary>Makes content and length durable (fdatasync).</summary>
    void Sync();

    /// <summary>Cuts or extends the file; durable after <see cref="Sync"/>.</summary>
    void SetLength(long length);
}
