using System.Threading.Channels;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Recovery;

/// <summary>
/// Reads, verifies and decodes blocks on a second thread while the caller's thread applies the blocks before them: half
/// of the work of a replay needs no state.
/// </summary>
internal sealed class ReadAhead
{
    private const int Batches = 3;

    private readonly Channel<BlockBatch> _free = Channel.CreateUnbounded<BlockBatch>();
    private readonly Channel<BlockBatch> _ready = Channel.CreateUnbounded<BlockBatch>();
    private readonly string _source;
    private BlockBatch? _batch = new();  // belongs to the reading thread until it hands the batch over

    private ReadAhead(string source)
    {
        _source = source;
        for (var i = 1; i < Batches; i++)
            _free.Writer.TryWrite(new BlockBatch());
    }

    /// <summary>Applies all blocks of a log, batch by batch, in order.</summary>
    public static Task ReplayAsync(
        LogCursor log, string source, Action<BlockBatch> apply, CancellationToken cancellationToken) =>
        new ReadAhead(source).RunAsync((ahead, token) => ahead.ReadAsync(log, token), apply, cancellationToken);

    /// <summary>Applies all blocks of a store, batch by batch, in order.</summary>
    public static Task ReplayAsync(
        Func<CancellationToken, IAsyncEnumerable<LogBlock>> blocks,
        string source,
        Action<BlockBatch> apply,
        CancellationToken cancellationToken) =>
        new ReadAhead(source).RunAsync(
            (ahead, token) => ahead.ReadAsync(blocks(token), token), apply, cancellationToken);

    // Applies the blocks that were read before a failure, and then reports the failure.
    private async Task RunAsync(
        Func<ReadAhead, CancellationToken, Task> read, Action<BlockBatch> apply, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => CompleteAsync(read, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in _ready.Reader.ReadAllAsync(cancellationToken))
            {
                apply(batch);
                batch.Clear();
                _free.Writer.TryWrite(batch);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    private async Task CompleteAsync(Func<ReadAhead, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await read(this, cancellationToken);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (_batch is { IsEmpty: false })
            _ready.Writer.TryWrite(_batch);
        _ready.Writer.Complete(failure);
    }

    private async Task ReadAsync(LogCursor log, CancellationToken cancellationToken)
    {
        while (log.TryRead(out var header, out var checksum, out var encoded))
        {
            _batch!.Add(header, checksum, encoded, _source);
            if (_batch.IsFull)
                await HandOverAsync(cancellationToken);
        }
    }

    private async Task ReadAsync(IAsyncEnumerable<LogBlock> blocks, CancellationToken cancellationToken)
    {
        await foreach (var block in blocks.WithCancellation(cancellationToken))
        {
            _batch!.Add(block, _source);
            if (_batch.IsFull)
                await HandOverAsync(cancellationToken);
        }
    }

    private async ValueTask HandOverAsync(CancellationToken cancellationToken)
    {
        _ready.Writer.TryWrite(_batch!);
        _batch = null;
        _batch = await _free.Reader.ReadAsync(cancellationToken);
    }
}
