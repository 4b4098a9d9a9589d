namespace Aether.Persistence.Storage;

/// <summary>An open file of an <see cref="IFileSystem"/>. Reads may run beside writes elsewhere in the file.</summary>
public interface IFile : IDisposable
{
    /// <summary>Its length.</summary>
    long Length { get; }

    /// <summary>
    /// Reads at <paramref name="offset"/> until the buffer is full or the file ends; returns how much.
    /// </summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>
    /// Writes all of <paramref name="source"/> at <paramref name="offset"/>, to the operating system.
    /// </summary>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Makes content and length durable (fdatasync).</summary>
    void Sync();

    /// <summary>Cuts or extends the file; <see cref="Sync"/> makes it durable.</summary>
    void SetLength(long length);
}
