using Aether.Benchmarks.Harness;
using Aether.Persistence.Storage;

namespace Aether.Benchmarks.Systems;

/// <summary>
/// The lower bound: one loop that appends each value and syncs it (pwrite, fdatasync), in a file that is zero-filled
/// ahead like a log's segments. No state, no checksum, no way to read it back.
/// </summary>
internal sealed class RawLog : ISession
{
    private const int FileBytes = 64 << 20;

    private readonly Workload _workload;
    private readonly IFile _file;
    private long _offset;

    public RawLog(Workload workload, IFileSystem volume)
    {
        _workload = workload;
        _file = volume.Create("raw.log");
        var zeros = new byte[1 << 20];
        for (var offset = 0; offset < FileBytes; offset += zeros.Length)
            _file.Write(offset, zeros);
        _file.Sync();
    }

    public ValueTask WriteAsync(long n)
    {
        var value = _workload.Value(n);
        if (_offset + value.Length > FileBytes)
            _offset = 0;
        _file.Write(_offset, value);
        _file.Sync();
        _offset += value.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
